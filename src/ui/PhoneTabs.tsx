// On a phone: which view has the screen.
import { Code, Ellipsis, Network, SquareTerminal, Telescope } from './icons';
import { type PhoneTab, page, phoneTabOf, usePage } from './store';
import { say } from './words';

const TABS: readonly (readonly [PhoneTab, typeof Code])[] = [
  ['ring', Network],
  ['guest', SquareTerminal],
  ['host', SquareTerminal],
  ['source', Code],
  ['explore', Telescope],
  ['more', Ellipsis],
];

export function PhoneTabs() {
  const now = usePage((v) => v.phone);
  const choose = (tab: PhoneTab) => {
    const panel = page.get().panel;
    page.set({
      phone: tab,
      panel: tab === 'source' || tab === 'explore' ? tab : tab === 'more' && phoneTabOf(panel) !== 'more' ? 'csb' : panel,
    });
  };
  return (
    <nav className="phone-tabs" data-region="tabs" tabIndex={-1} aria-label={say.regions.tabs}>
      {TABS.map(([tab, Icon]) => (
        <button type="button" key={tab} aria-current={now === tab ? 'page' : undefined} onClick={() => choose(tab)}>
          <Icon />
          <span>{say.phone[tab]}</span>
        </button>
      ))}
    </nav>
  );
}
