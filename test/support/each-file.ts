import { takeKeysFromTheFirst } from './rsa-keys.ts';

takeKeysFromTheFirst();
