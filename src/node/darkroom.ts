/** Makes the pictures of virtual cameras in a thread of their own, so that cameras go on answering. */
import { Worker } from 'node:worker_threads';
import { ignore } from '../base/time.ts';
import { type Picture, type PictureRequest, takePicture } from '../virtual/picture/index.ts';

interface Order {
  resolve(picture: Picture): void;
  reject(error: unknown): void;
}

/** The thread is started with the first picture, and keeps no process alive. */
export class Darkroom implements AsyncDisposable {
  #worker: Worker | undefined;
  /** In the order of their requests, in which the thread answers. */
  #orders: Order[] = [];

  readonly takePicture = (request: PictureRequest): Picture | Promise<Picture> => {
    // Node runs no TypeScript: from its sources everything happens in this thread.
    if (import.meta.url.endsWith('.ts')) return takePicture(request);
    return new Promise((resolve, reject) => {
      this.#orders.push({ resolve, reject });
      this.#thread().postMessage(request);
    });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate().catch(ignore);
    this.#fail(new Error('the camera was switched off'));
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    // The same place from here and from the bundled command line.
    const worker = new Worker(new URL('../node/picture-thread.js', import.meta.url));
    worker.unref();
    worker.on('message', (picture: Picture) => this.#orders.shift()?.resolve(picture));
    worker.on('error', (error) => {
      this.#worker = undefined;
      this.#fail(error);
    });
    this.#worker = worker;
    return worker;
  }

  #fail(error: unknown): void {
    for (const order of this.#orders.splice(0)) order.reject(error);
  }
}
