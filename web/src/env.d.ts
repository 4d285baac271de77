declare module '*.css';

/** The package has types for its main entry only. */
declare module 'exifr/dist/lite.esm.mjs' {
  export { default } from 'exifr';
}
