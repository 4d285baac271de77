/**
 * The last words of a test run: processes left behind, how many peer tests ran, and the line
 * `N passed, N failed[, N skipped]`. Whatever makes the run fail counts as failed there.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { processesWith } from './leftovers.ts';

const MARK = 'HOTSHOE_TEST_RUN';
/** How long a process that was told to end may take. */
const GRACE_MS = 2000;

export default class ClosingReporter implements Reporter {
  #vitest!: Vitest;
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #peers: number | undefined;
  #wholeSuite = false;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    // Set here, not before: only what this process starts from now on inherits it.
    process.env[MARK] = randomUUID();
    // At the exit, because Vitest's workers and the global teardowns have ended by then.
    process.once('exit', (code) => this.#close(code));
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    this.#passed = this.#skipped = 0;
    this.#failed = errors.length;
    this.#peers = undefined;
    const peerTests = path.join(this.#vitest.config.root, 'test', 'peers', path.sep);

    for (const module of modules) {
      this.#failed += module.errors().length;
      for (const suite of module.children.allSuites()) this.#failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') this.#passed++;
        else if (state === 'failed') this.#failed++;
        else this.#skipped++;
        if (path.normalize(module.moduleId).startsWith(peerTests) && state !== 'skipped') {
          this.#peers = (this.#peers ?? 0) + 1;
        }
      }
    }

    const ran = new Set(modules.map((module) => module.moduleId));
    const all = await this.#vitest.globTestSpecifications();
    const filtered = this.#vitest.config.testNamePattern !== undefined;
    this.#wholeSuite = !filtered && all.every((specification) => ran.has(specification.moduleId));
  }

  #close(code: number): void {
    const problems = [...this.#leftovers(), ...this.#missingPeers()];
    for (const problem of problems) console.error(problem);
    this.#failed += problems.length;
    if (this.#failed > 0) process.exitCode = code || 1;
    else if (code !== 0) this.#failed = 1;

    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';
    console.log(`\n${this.#passed} passed, ${this.#failed} failed${skipped}`);
  }

  #leftovers(): string[] {
    const find = () => processesWith(`${MARK}=${process.env[MARK]}`);
    const deadline = performance.now() + GRACE_MS;
    let left = find();
    while (left.length > 0 && performance.now() < deadline) {
      pause(50);
      left = find();
    }
    return left.map(({ pid, command }) => {
      // It would keep ports and pipes open for whoever comes next.
      process.kill(pid, 'SIGKILL');
      return `A test left a process behind: ${command} (pid ${pid}, killed)`;
    });
  }

  #missingPeers(): string[] {
    if (!this.#wholeSuite && this.#peers === undefined) return [];
    const file = path.join(this.#vitest.config.root, 'test', 'peers', 'minimum.json');
    const { minimum } = JSON.parse(readFileSync(file, 'utf8')) as { minimum: number };
    const ran = this.#peers ?? 0;
    console.log(`\npeer tests: ${ran} ran (minimum ${minimum})`);
    const enforced = this.#wholeSuite && process.env.HOTSHOE_PEERS === 'required';
    if (!enforced || ran >= minimum) return [];
    return [`Fewer peer tests ran than test/peers/minimum.json asks for.`];
  }
}

/** Nothing asynchronous happens any more while a process exits. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
