/** UpdateFirmware: the file comes in pieces; then the body asks its user, who says no. */
import { Response } from '../../ptp/index.ts';
import { type Operation, Refusal, receive } from '../responder/transaction.ts';
import type { EosBody } from './body.ts';

const PIECE = 0x200000;
const NAME_SIZE = 32;
const MODEL_ID_SIZE = 4;

/** What a body does with a file that is not its own is not known; it refuses the piece. */
export function updateFirmware(body: EosBody): Operation {
  let expected = 0;
  return {
    takesData: true,
    params: 2,
    async run(transaction) {
      const [total = 0, offset = 0] = transaction.params;
      const data = await receive(transaction, PIECE);
      if (body.busy || body.remoteMode === 0) throw new Refusal(Response.Device_Busy);
      const piece = data.subarray(NAME_SIZE);
      if (offset === 0) expected = 0;
      const fits = offset === expected && piece.length > 0 && offset + piece.length <= total;
      if (!fits || (offset === 0 && modelIdOf(piece) !== body.parts.model.modelId)) {
        throw new Refusal(Response.Invalid_Parameter);
      }
      expected += piece.length;
      if (expected === total) {
        const name = String.fromCharCode(...data.subarray(0, NAME_SIZE)).replace(/\0.*$/s, '');
        body.firmwareFile = { name, size: total };
        body.parts.log(`${name} is here: the screen asks whether to update, and nobody says yes`);
        expected = 0;
      }
      return undefined;
    },
  };
}

function modelIdOf(piece: Uint8Array): number {
  if (piece.length < MODEL_ID_SIZE) return 0;
  return new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
}
