// memo is a component that is drawn again only when what it is given has changed.

import { Component, h, type ComponentChildren, type FunctionComponent } from "preact";

export function memo<P extends object>(draw: (p: P) => ComponentChildren): FunctionComponent<P> {
  class Memo extends Component<P> {
    shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((k) => next[k] !== (this.props as P)[k]);
    }
    render() {
      return draw(this.props as P);
    }
  }
  return ((p: P) => h(Memo as never, p as never)) as FunctionComponent<P>;
}
