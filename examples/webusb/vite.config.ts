import { defineConfig } from 'vite';

const source = (file: string) => new URL(`../../src/${file}`, import.meta.url).pathname;

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // In a project of your own these come from the package, and the lines go away.
  resolve: {
    alias: {
      'hotshoe/web': source('web/index.ts'),
      'hotshoe/virtual': source('virtual/index.ts'),
    },
  },
  build: { target: 'es2023', outDir: 'dist', emptyOutDir: true },
});
