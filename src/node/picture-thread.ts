/** The other thread: makes one picture for each request that it is sent. */
import { parentPort } from 'node:worker_threads';
import { type PictureRequest, takePicture } from '../virtual/picture/index.ts';

parentPort?.on('message', (request: PictureRequest) => {
  const picture = takePicture(request);
  parentPort?.postMessage(picture);
});
