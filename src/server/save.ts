/** Pictures for the computer of the server. */
import type { Save } from '../api/shoot.ts';
import { downloadFile } from '../node/download.ts';

/** Into this folder, under the name of the camera made safe, or one like it. */
export function saveTo(folder: string): Save {
  return async (file) => {
    const { name, size } = file;
    const saved = await downloadFile({
      folder,
      name,
      size,
      fresh: true,
      read: (sink) => file.read(sink),
    });
    return { name, file: saved.path, bytes: saved.bytes, skipped: saved.skipped };
  };
}
