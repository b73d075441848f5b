export { zipOf } from '../../infra/local/simulators/zip.ts';
