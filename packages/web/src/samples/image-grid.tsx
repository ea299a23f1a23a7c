import { useState } from 'react'
import type { Sample } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { ChevronLeft, ChevronRight, Download } from 'lucide-react'
import { useServices } from '../app/services.ts'
import { readChoice } from '../app/search-params.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { useStored } from '../ui/use-stored.ts'
import { formatStep } from './format-step.ts'

type ImageSample = Sample & { kind: 'image' }

const sizes = { small: 96, medium: 176, large: 320 } as const
type Size = keyof typeof sizes
const sizeNames: Record<Size, string> = { small: 'S', medium: 'M', large: 'L' }
/** Pictures this small are shown with hard pixels: that is what one wants to see of them. */
const hardPixelsBelow = 128

/** The images of a step with their captions; one opens large. */
export function ImageGrid({ uid, images }: { uid: string; images: readonly ImageSample[] }) {
  const [size, setSize] = useStored<Size>(
    'samples.size',
    (text) => readChoice(text, ['small', 'medium', 'large']) ?? 'medium',
  )
  const [open, setOpen] = useState<number>()
  return (
    <section aria-label="Images" className="rounded-lg border border-line bg-surface">
      <div className="flex h-9 items-center justify-between pr-1.5 pl-3">
        <h4 className="text-12 text-muted">{images.length === 1 ? '1 image' : `${images.length} images`}</h4>
        <div className="flex" role="group" aria-label="Size of the images">
          {(['small', 'medium', 'large'] as const).map((name) => (
            <Button
              key={name}
              look="quiet"
              square
              aria-pressed={size === name}
              aria-label={name}
              onClick={() => setSize(name)}
            >
              {sizeNames[name]}
            </Button>
          ))}
        </div>
      </div>
      <ul
        className="grid gap-2 border-t border-line p-2"
        style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${sizes[size]}px), 1fr))` }}
      >
        {images.map((image, at) => (
          <li key={image.id} className="min-w-0">
            <button
              type="button"
              onClick={() => setOpen(at)}
              className="block w-full rounded-md text-left transition-colors hover:bg-hover"
            >
              <Picture uid={uid} image={image} className="aspect-square w-full object-contain" />
              <Caption image={image} />
            </button>
          </li>
        ))}
      </ul>
      <Large uid={uid} images={images} at={open} onAt={setOpen} />
    </section>
  )
}

function Caption({ image }: { image: ImageSample }) {
  if (image.caption === null) return null
  return (
    <span className="block px-1.5 py-1">
      <span className="line-clamp-2 text-12 wrap-anywhere text-muted" title={image.caption}>
        {image.caption}
      </span>
    </span>
  )
}

function Picture({ uid, image, className }: { uid: string; image: ImageSample; className: string }) {
  const { client } = useServices()
  const [broken, setBroken] = useState(false)
  const isSmall = image.width !== null && image.width < hardPixelsBelow
  if (broken) {
    return (
      <span className={`flex items-center justify-center rounded-md bg-sunken p-2 text-12 text-muted ${className}`}>
        This image could not be read.
      </span>
    )
  }
  return (
    <img
      src={client.url('samples.content', { params: { uid, id: image.id } })}
      alt={image.caption ?? `Image ${image.index + 1} at step ${formatStep(image.step)}`}
      loading="lazy"
      decoding="async"
      onError={() => setBroken(true)}
      {...(image.width !== null && image.height !== null ? { width: image.width, height: image.height } : {})}
      className={`rounded-md bg-sunken ${isSmall ? '[image-rendering:pixelated]' : ''} ${className}`}
    />
  )
}

type LargeProps = {
  uid: string
  images: readonly ImageSample[]
  at: number | undefined
  onAt: (at: number | undefined) => void
}

/** One image at its full size, and the way to its neighbours. */
function Large({ uid, images, at, onAt }: LargeProps) {
  const { client } = useServices()
  const image = at === undefined ? undefined : images[at]
  if (at === undefined || !image) return null
  const move = (by: number): void => onAt(Math.max(0, Math.min(images.length - 1, at + by)))
  const size = image.width === null ? '' : `${image.width} × ${image.height ?? 0} · `
  return (
    <Sheet
      open
      wide
      onClose={() => onAt(undefined)}
      title={`Image ${at + 1} of ${images.length}, step ${formatStep(image.step)}`}
      footer={
        <div className="flex items-center gap-2">
          <span className="min-w-0 flex-1 text-12 text-muted">
            {size}
            {formatBytes(image.bytes)}
          </span>
          <Button look="quiet" square aria-label="Image before" disabled={at === 0} onClick={() => move(-1)}>
            <ChevronLeft size={16} aria-hidden />
          </Button>
          <Button
            look="quiet"
            square
            aria-label="Image after"
            disabled={at === images.length - 1}
            onClick={() => move(1)}
          >
            <ChevronRight size={16} aria-hidden />
          </Button>
          <a
            href={client.url('samples.content', { params: { uid, id: image.id }, query: { download: 'true' } })}
            download
            className={buttonClass()}
          >
            <Download size={14} aria-hidden /> Download
          </a>
        </div>
      }
    >
      <div
        className="flex min-h-full flex-col items-center justify-center gap-3 p-4"
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') move(-1)
          if (event.key === 'ArrowRight') move(1)
        }}
      >
        <Picture key={image.id} uid={uid} image={image} className="max-h-[calc(100dvh-200px)] w-full object-contain" />
        {image.caption === null ? null : <p className="wrap-anywhere">{image.caption}</p>}
      </div>
    </Sheet>
  )
}
