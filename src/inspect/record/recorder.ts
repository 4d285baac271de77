/** Traffic to a pcapng file that Wireshark opens. */
import { concat } from '../../base/byte-stream.ts';
import type { Traffic } from '../traffic.ts';
import { IpWriter } from './ip-writer.ts';
import { interfaceDescription, LinkType, packet, sectionHeader } from './pcapng.ts';
import { UsbmonWriter } from './usbmon-writer.ts';

export class Recorder {
  #write: (bytes: Uint8Array) => void;
  #blocks: Uint8Array[];
  #interfaces = new Map<number, number>();
  #ip: IpWriter;
  #usb: UsbmonWriter;

  /** `write` gets the bytes of the file in their order; valid during the call. */
  constructor(application: string, write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#blocks = [sectionHeader(application)];
    this.#ip = new IpWriter((time, parts) => {
      this.#blocks.push(packet(this.#interface(LinkType.RawIp, 'ptpip'), time, parts));
    });
    this.#usb = new UsbmonWriter((time, parts) => {
      this.#blocks.push(packet(this.#interface(LinkType.UsbmonMapped, 'usb'), time, parts));
    });
    this.#flush();
  }

  push(traffic: Traffic): void {
    // Cameras are found by datagrams that other programs send and get.
    if (traffic.kind === 'datagram') return;
    if (traffic.kind === 'usb') this.#usb.push(traffic);
    else this.#ip.push(traffic);
    this.#flush();
  }

  #interface(linkType: number, name: string): number {
    let number = this.#interfaces.get(linkType);
    if (number === undefined) {
      number = this.#interfaces.size;
      this.#interfaces.set(linkType, number);
      this.#blocks.push(interfaceDescription(linkType, name));
    }
    return number;
  }

  #flush(): void {
    if (this.#blocks.length === 0) return;
    const [only] = this.#blocks;
    this.#write(this.#blocks.length === 1 && only ? only : concat(this.#blocks));
    this.#blocks = [];
  }
}
