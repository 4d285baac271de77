/** What happened; told to those who do not look, too. */
import { Icon } from '../icons.tsx';
import type { Store } from '../store.ts';

export function Messages({ store }: { store: Store }) {
  return (
    <div class="messages" role="log" aria-label="Messages" aria-live="polite">
      {store.messages.value.map(({ id, kind, text, hint }) => (
        <div key={id} class={`message ${kind}`} role={kind === 'problem' ? 'alert' : undefined}>
          <p>
            {text}
            {hint && <small>{hint}</small>}
          </p>
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss"
            onClick={() => store.dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
