/** Traffic made readable. */
export type { TransactionLogOptions } from './transaction-log.ts';
export { TransactionLog } from './transaction-log.ts';
