// The list behind the camera at a picture's head: as SVG, as PNG, into the clipboard.
import { Camera } from '../icons';
import { Pop } from '../Pop';
import { notice } from '../recording';
import { pictureWords as words } from './picture_words';
import type { PictureId } from './pictures';
import type { Form } from './save';

/** The drawing of files is loaded when somebody wants one. */
export async function keepPicture(id: PictureId, form: Form): Promise<void> {
  try {
    await (await import('./save')).savePicture(id, form);
  } catch {
    notice(words.gone);
  }
}

const FORMS: readonly Form[] = ['svg', 'png', 'copy'];

export function PictureMenu({ of, title }: { of: PictureId; title: string }) {
  return (
    <Pop className="help-menu picture-menu" label={words.of(title)} title={words.menu} sign={<Camera />}>
      {(close) => (
        <ul>
          {FORMS.map((form) => (
            <li key={form}>
              <button
                type="button"
                onClick={() => {
                  close();
                  void keepPicture(of, form);
                }}
              >
                {words[form]}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Pop>
  );
}
