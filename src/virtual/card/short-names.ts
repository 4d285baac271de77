/** Names as the directory entries of Canon bodies can hold them, like the short names of FAT. */

/** Room for sixteen bytes, one of them the terminator. */
const FITS = /^[\x20-\x7e]{1,15}$/;

/** The short names of one folder. */
export class ShortNames {
  #taken = new Set<string>();
  /** The next number to try, by what stands before and behind it. */
  #next = new Map<string, number>();

  /** The name itself where it fits, else one of its own: "HOLIDA~1.JPG". */
  add(name: string): string {
    const short = FITS.test(name) && !this.#taken.has(name) ? name : this.#make(name);
    this.#taken.add(short);
    return short;
  }

  delete(short: string): void {
    this.#taken.delete(short);
  }

  #make(name: string): string {
    const dot = name.lastIndexOf('.');
    const stem = plain(dot > 0 ? name.slice(0, dot) : name);
    const extension = dot > 0 ? `.${plain(name.slice(dot + 1)).slice(0, 3)}` : '';
    const series = stem.slice(0, 6) + extension;
    for (let number = this.#next.get(series) ?? 1; ; number++) {
      const tail = `~${number}`;
      const short = stem.slice(0, 8 - tail.length) + tail + extension;
      if (this.#taken.has(short)) continue;
      this.#next.set(series, number + 1);
      return short;
    }
  }
}

function plain(text: string): string {
  return text.toUpperCase().replaceAll(/[^0-9A-Z_-]/g, '_');
}
