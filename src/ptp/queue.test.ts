import { describe, expect, it, vi } from 'vitest';
import { settle, watch } from '../../test/support/settle.ts';
import { PriorityQueue } from './queue.ts';

/** Jobs that say when they start and end when they are told to. */
function workshop() {
  const started: string[] = [];
  const finish = new Map<string, (error?: Error) => void>();
  const job = (name: string) => () => {
    started.push(name);
    return new Promise<string>((resolve, reject) => {
      finish.set(name, (error) => (error ? reject(error) : resolve(name)));
    });
  };
  const end = async (name: string, error?: Error) => {
    finish.get(name)?.(error);
    await settle();
  };
  return { started, job, end };
}

describe('PriorityQueue', () => {
  it('runs one job at a time', async () => {
    const queue = new PriorityQueue();
    const { started, job, end } = workshop();
    const first = queue.run('user', job('first'));
    const second = queue.run('user', job('second'));
    await settle();
    expect(started).toEqual(['first']);
    await end('first');
    expect(started).toEqual(['first', 'second']);
    await end('second');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });

  it('lets the user go before events, and events before the background', async () => {
    const queue = new PriorityQueue();
    const { started, job, end } = workshop();
    void queue.run('background', job('running'));
    const waiting = [
      queue.run('background', job('background 1')),
      queue.run('events', job('events 1')),
      queue.run('user', job('user 1')),
      queue.run('background', job('background 2')),
      queue.run('events', job('events 2')),
      queue.run('user', job('user 2')),
    ];
    for (let i = 0; i < 7; i++) await end(started.at(-1) ?? '');
    await Promise.all(waiting);
    expect(started).toEqual([
      'running',
      'user 1',
      'user 2',
      'events 1',
      'events 2',
      'background 1',
      'background 2',
    ]);
  });

  it('lets a job that comes while another runs overtake those that wait', async () => {
    const queue = new PriorityQueue();
    const { started, job, end } = workshop();
    const jobs = [
      queue.run('background', job('chunk 1')),
      queue.run('background', job('chunk 2')),
      queue.run('background', job('chunk 3')),
    ];
    await end('chunk 1');
    jobs.push(queue.run('user', job('shoot')));
    await end('chunk 2');
    expect(started).toEqual(['chunk 1', 'chunk 2', 'shoot']);
    await end('shoot');
    await end('chunk 3');
    expect(await Promise.all(jobs)).toEqual(['chunk 1', 'chunk 2', 'chunk 3', 'shoot']);
  });

  it('goes on after a job that fails, at once or later', async () => {
    const queue = new PriorityQueue();
    const { started, job, end } = workshop();
    const later = watch(queue.run('user', job('later')));
    const atOnce = watch(
      queue.run('user', () => {
        throw new Error('at once');
      }),
    );
    const last = watch(queue.run('user', job('last')));
    await end('later', new Error('later'));
    expect(later.error).toEqual(new Error('later'));
    expect(atOnce.error).toEqual(new Error('at once'));
    expect(started).toEqual(['later', 'last']);
    await end('last');
    expect(last.value).toBe('last');
  });

  it('takes a job out whose signal aborts while it waits', async () => {
    const queue = new PriorityQueue();
    const { started, job, end } = workshop();
    const abort = new AbortController();
    const running = watch(queue.run('user', job('running')));
    const waiting = watch(queue.run('user', job('waiting'), abort.signal));
    const last = watch(queue.run('user', job('last')));
    const reason = new Error('enough');
    abort.abort(reason);
    await settle();
    expect(waiting.error).toBe(reason);
    expect(running.state).toBe('pending');
    await end('running');
    await end('last');
    expect(started).toEqual(['running', 'last']);
    expect(last.value).toBe('last');
  });

  it('leaves no listener on the signal of a job that has run', async () => {
    const queue = new PriorityQueue();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await queue.run('user', () => Promise.resolve(), signal);
    expect(added).toHaveBeenCalledOnce();
    expect(removed).toHaveBeenCalledOnce();
  });

  it('does not take a job whose signal is aborted already', async () => {
    const queue = new PriorityQueue();
    const { started, job } = workshop();
    const reason = new Error('enough');
    await expect(queue.run('user', job('never'), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(started).toEqual([]);
  });

  it('leaves a running job to its own signal', async () => {
    const queue = new PriorityQueue();
    const { job, end } = workshop();
    const abort = new AbortController();
    const running = watch(queue.run('user', job('running'), abort.signal));
    const next = watch(queue.run('user', job('next')));
    abort.abort(new Error('enough'));
    await settle();
    expect(running.state).toBe('pending');
    await end('running');
    expect(running.value).toBe('running');
    await end('next');
    expect(next.value).toBe('next');
  });
});
