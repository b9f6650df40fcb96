// What stands where a part of the page is still being loaded: nothing to see, and a mark for whoever waits for it.

export const Coming = () => <span hidden data-coming="" />;
