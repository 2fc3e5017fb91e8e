// What went wrong, why, and what to do: the one form in which the page says so.

export class Failure extends Error {
  constructor(what, why, instead) {
    super(what);
    this.what = what;
    this.why = why;
    this.instead = instead;
  }
}

/** Show `error` in the page. Whatever is not a Failure is a fault of ours or of the browser, and is shown all the same. */
export function showFailure(error) {
  const known = error instanceof Failure
    ? error
    : new Failure("the page met an error", text(error), "reload it; if that does not help, try another browser");
  for (const [id, said] of [["what", known.what], ["why", known.why], ["do", known.instead]]) {
    document.getElementById(id).textContent = said;
  }
  const box = document.getElementById("failure");
  box.hidden = false;
  delete box.dataset.late;
}

export function hideFailure() {
  document.getElementById("failure").hidden = true;
}

export function text(error) {
  return String(error?.message ?? error);
}
