// Store buffers: no command of the lab turns them on yet, so the worker is made to say that each thread holds one store.
import { boot, expect, park, test } from './lab';

test.use({ serviceWorkers: 'block' });

test('a pending store is a chip, and draining it is a command', async ({ page }) => {
  let changed = false;
  await page.route(/worker.*\.js/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/storeBuffer:Array\.from\(\{length:[^}]*\}/, (found) => {
      changed = true;
      return found.replace(/length:[^}]*/, 'length:1');
    });
    await route.fulfill({ response, body });
  });
  await boot(page);
  await park(page);
  expect(changed).toBe(true);
  const chip = page.locator('.drain button').first();
  await expect(chip).toContainText('reaches memory');
  await chip.click();
  await expect(page.locator('.sentence')).toContainText('Its store buffer is empty.');
  await page.locator('.stage').focus();
  await page.keyboard.press('.');
  await page.keyboard.press('Shift+Digit1');
  await expect(page.locator('.sentence')).toContainText('Its store buffer is empty.');
});
