import { KEYS } from '../keys.ts';
import type { Store } from '../store.ts';
import { Dialog } from './dialog.tsx';

export function Help({ store }: { store: Store }) {
  if (store.panel.value?.kind !== 'help') return null;
  const close = () => store.show(undefined);
  return (
    <Dialog title="Keys" class="help" onClose={close}>
      <dl class="exif">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
