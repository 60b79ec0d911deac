/** Functions to be called by the name of what happens. */
export class Emitter<Events extends { [Name in keyof Events]: (...values: never[]) => void }> {
  readonly #listeners = new Map<keyof Events, Set<(...values: never[]) => void>>();

  /** Calls a function each time; what is returned ends that. */
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): () => void {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, (listeners = new Set()));
    listeners.add(listener);
    return () => this.off(name, listener);
  }

  off<Name extends keyof Events>(name: Name, listener: Events[Name]): void {
    this.#listeners.get(name)?.delete(listener);
  }

  /** What a listener throws is reported as nobody's, and keeps no other from hearing. @internal */
  emit<Name extends keyof Events>(name: Name, ...values: Parameters<Events[Name]>): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...(values as never[]));
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
