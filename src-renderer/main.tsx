/** Starts the screens: connection, controller, React. */
import './client/no-eval.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { connect } from './client/connect.ts';
import { Controller } from './state/controller.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './app/app.css';
import './viewer/viewer.css';
import './look/look.css';
import './runs/runs.css';
import './findings/findings.css';
import './compare/compare.css';
import './split/split.css';
import './tour/tour.css';
import './batches/batches.css';
import './annotations/annotations.css';
import './report/report.css';
import './machines/machines.css';

const controller = new Controller(connect());
controller.start();

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');
createRoot(root).render(<App controller={controller} />);
