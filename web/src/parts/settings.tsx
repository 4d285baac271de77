/** The settings of a camera, named as photographers and the camera name them. */
import type { Setting } from '../../../src/api/schemas.ts';
import type { Seat, Store } from '../store.ts';
import { MAIN_SETTINGS, settingTitle, valueText } from '../words.ts';

export function Settings({ store, seat }: { store: Store; seat: Seat }) {
  const all = seat.settings.value;
  const { phase, can } = seat.state.value;
  if (!can.settings || phase !== 'ready') return <section class="settings" aria-label="Settings" />;
  const main = MAIN_SETTINGS.flatMap((name) => all.find((each) => each.name === name) ?? []);
  const more = all.filter(
    (each) => !main.includes(each) && each.writable && each.allowed.length > 1,
  );
  const field = (setting: Setting) => (
    <Field key={setting.name} store={store} seat={seat} setting={setting} />
  );
  return (
    <section class="settings" aria-label="Settings">
      <div class="fields">
        {main.length > 0
          ? main.map(field)
          : MAIN_SETTINGS.map((name) => <Placeholder key={name} />)}
      </div>
      {more.length > 0 && (
        <details class="more">
          <summary>More settings</summary>
          <div class="fields">{more.map(field)}</div>
        </details>
      )}
    </section>
  );
}

const Placeholder = () => <div class="field placeholder" aria-hidden="true" />;

function Field({ store, seat, setting }: { store: Store; seat: Seat; setting: Setting }) {
  const { name, label, writable, allowed } = setting;
  const fixed = !writable || allowed.length === 0;
  const choices = allowed.some((each) => each.label === label)
    ? allowed
    : [{ label, number: null }, ...allowed];
  if (fixed) {
    return (
      <div class="field">
        <span class="field-name">{settingTitle(name)}</span>
        <output>{valueText(name, label)}</output>
      </div>
    );
  }
  return (
    <label class="field">
      <span class="field-name">{settingTitle(name)}</span>
      <select
        name={name}
        value={label}
        onChange={(event) => void store.set(seat, setting, event.currentTarget.value)}
      >
        {choices.map((each) => (
          <option key={`${each.label} ${each.number}`} value={each.label}>
            {valueText(name, each.label)}
          </option>
        ))}
      </select>
    </label>
  );
}
