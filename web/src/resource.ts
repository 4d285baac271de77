/** What the browser can show as a picture: an address, or what was fetched within this page. */
import { useEffect, useState } from 'preact/hooks';
import type { Client } from './client.ts';

export function useResource(client: Client, where: string | undefined): string | undefined {
  const { local } = client.transport;
  const [url, setUrl] = useState<string | undefined>(undefined);
  useEffect(() => {
    setUrl(undefined);
    if (!local || where === undefined) return undefined;
    const stop = new AbortController();
    let made: string | undefined;
    client.blob(where, stop.signal).then(
      (blob) => {
        if (stop.signal.aborted) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => setUrl(''),
    );
    return () => {
      stop.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [client, local, where]);
  return local ? url : where;
}
