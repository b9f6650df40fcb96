// The gallery: ready-made scenarios and the recorded hazards, each opened booted. A dialog, closed by Escape or by a choice.
import { useEffect, useRef, useState } from 'react';
import { X } from '../icons';
import { type Lesson, openLesson } from '../recording';
import { page, usePage } from '../store';
import { galleryWords, type SceneWords, scenes } from './gallery_words';
import { Picture } from './pictures';
import { openScene } from './scenes';
import { beginTour } from './tour';

function Card({ title, about, watch, drawn, open }: Omit<SceneWords, 'file'> & { open: () => void }) {
  return (
    <li>
      <button type="button" className="scene" onClick={open}>
        <Picture of={drawn} />
        <span className="scene-words">
          <b>{title}</b>
          <span>{about}</span>
          {watch && <span className="quiet">{watch}</span>}
        </span>
      </button>
    </li>
  );
}

function Cards() {
  const [lessons, setLessons] = useState<readonly Lesson[]>([]);
  useEffect(() => {
    void import('virtual:lessons').then((m) => setLessons(m.lessons));
  }, []);
  const close = () => page.set({ gallery: false });
  return (
    <>
      <header className="gallery-head">
        <h2>{galleryWords.title}</h2>
        <button
          type="button"
          onClick={() => {
            close();
            void beginTour();
          }}
        >
          {galleryWords.tour}
        </button>
        <button type="button" className="icon" aria-label={galleryWords.close} onClick={close}>
          <X />
        </button>
      </header>
      <div className="gallery-scroll" tabIndex={0} role="group" aria-label={galleryWords.title}>
        <p className="quiet">{galleryWords.lead}</p>
        <ul className="scenes">
          {scenes.map((s) => (
            <Card key={s.file} {...s} open={() => void openScene(s.file)} />
          ))}
        </ul>
        <h3>{galleryWords.hazards}</h3>
        <p className="quiet">{galleryWords.hazardsLead}</p>
        <ul className="scenes">
          {lessons.map((l) => (
            <Card
              key={l.file}
              title={l.title}
              about={l.about}
              watch=""
              drawn="lost"
              open={() => {
                close();
                void openLesson(l);
              }}
            />
          ))}
        </ul>
      </div>
    </>
  );
}

export function Gallery() {
  const open = usePage((v) => v.gallery);
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (open && dialog && !dialog.open) dialog.showModal();
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    <dialog
      className="gallery"
      ref={box}
      aria-label={galleryWords.title}
      onClose={() => page.set({ gallery: false })}
      onClick={(e) => {
        if (e.target === box.current) page.set({ gallery: false });
      }}
      onKeyDown={(e) => {
        if (e.key === 'Escape') e.stopPropagation();
      }}
    >
      {open && <Cards />}
    </dialog>
  );
}
