import '../../../../lib/console/page/valid-language.ts';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { connect } from './live.ts';

connect();
const root = document.getElementById('page');
if (root) render(<App />, root);
