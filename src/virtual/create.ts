/** Makes virtual cameras by their names. */
import { findModel, findNormalModel } from './models/index.ts';
import { NormalCamera } from './normal/normal-camera.ts';
import {
  PtpVirtualCamera,
  type VirtualCamera,
  type VirtualCameraOptions,
} from './virtual-camera.ts';

/** Makes a camera of a model; throws for a model that is not there. */
export function createVirtualCamera(
  model: string,
  options: VirtualCameraOptions = {},
): VirtualCamera {
  const normal = findNormalModel(model);
  if (normal) return new NormalCamera(normal, options);
  return new PtpVirtualCamera(findModel(model), options);
}

/** By a pipe, as by a network; else by its cable alone. */
export function isNetworked(model: string): boolean {
  return findNormalModel(model) === undefined;
}
