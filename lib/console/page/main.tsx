import './valid-language.ts';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { readSettings } from './settings.ts';

const root = document.getElementById('page');
if (root) render(<App settings={readSettings(fetch.bind(window))} />, root);
