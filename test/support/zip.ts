export { type ZipFile, zipOf } from '../../infra/local/simulators/zip.ts';
