/** What the stand-in says between main and a utility process, beneath what the application says. */
export type ToUtility =
  | { to: 'parent-port'; data: unknown; ports: number[] }
  | { to: 'port'; endpoint: number; data: unknown }
  | { to: 'port-closed'; endpoint: number };

export type FromUtility =
  | { from: 'parent-port'; data: unknown }
  | { from: 'port'; endpoint: number; data: unknown }
  | { from: 'port-closed'; endpoint: number };
