/** The controller for every component below the app. */
import { createContext, useContext } from 'react';
import type { Controller } from '../state/controller.ts';

export const ControllerContext = createContext<Controller | null>(null);

export function useController(): Controller {
  const controller = useContext(ControllerContext);
  if (controller === null) throw new Error('useController outside of the app');
  return controller;
}
