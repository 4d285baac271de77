import { HotshoeError } from '../../base/errors.ts';
import type { Finding } from '../../node/doctor.ts';
import { confirmed } from '../confirm.ts';
import type { RunOptions } from '../context.ts';
import { Exit } from '../exit-codes.ts';
import type { AddCommand } from './command.ts';

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: 'ok', note: '-', problem: '!!' };

export const addDoctor =
  ({ streams }: RunOptions): AddCommand =>
  (program, run) => {
    program
      .command('doctor')
      .description('find out why a camera cannot be used; --fix lets users at it (Linux)')
      .option('--fix', 'install the udev rule for cameras, after asking')
      .option('-y, --yes', 'do not ask')
      .action(
        run(async (context, options: { fix?: boolean; yes?: boolean }) => {
          const { output, signal, env } = context;
          const { examine } = await import('../../node/doctor.ts');
          const findings: Finding[] = [];
          const camera = context.options.camera ?? env.HOTSHOE_CAMERA;
          for await (const finding of examine({ usb: context.usb, camera, signal })) {
            findings.push(finding);
            output.item(finding);
            const { state, check, message, hint } = finding;
            output.line(`${MARKS[state].padEnd(2)}  ${check}: ${message}`);
            if (hint) output.line(`      ${hint}`);
          }
          const rule = await import('../../node/usb/udev-rule.ts');
          const missing = findings.some(({ fixable }) => fixable);
          if (missing && !options.fix) {
            output.line(`\n${rule.RULE_FILE} would hold:\n`);
            output.line(rule.ruleText(await rule.pluggedGroup()).trimEnd());
          }
          if (!output.options.jsonl) output.result(findings);
          if (options.fix) {
            await fix(rule, async (question) => {
              if (!options.yes) await confirmed(streams, question, 'nothing was installed', signal);
            });
            output.note(`${rule.RULE_FILE} is installed; unplug the camera and plug it in again`);
            return undefined;
          }
          return findings.some(({ state }) => state === 'problem') ? Exit.Failed : undefined;
        }),
      );
  };

async function fix(
  rule: typeof import('../../node/usb/udev-rule.ts'),
  ask: (question: string) => Promise<void>,
): Promise<void> {
  if (process.platform !== 'linux') {
    throw new HotshoeError('UNSUPPORTED', 'there is nothing that hotshoe could install here', {
      hint: 'Only Linux has such rules; what applies to this system is said above.',
    });
  }
  const text = rule.ruleText(await rule.pluggedGroup());
  await ask(`This will be written to ${rule.RULE_FILE}:\n\n${text}\nInstall it? (yes/no) `);
  await rule.installRule();
  await rule.applyRules();
}
