import { expect, test } from 'vitest'
import { PathPen } from './pens.ts'
import { SvgBrush } from './svg-brush.ts'

test('strokes of a pen become one path', () => {
  const brush = new SvgBrush((colour) => `plain ${colour}`)
  brush.strokeStyle = 'blue'
  brush.setLineDash([4, 2])
  brush.beginPath()
  const pen = new PathPen(brush)
  pen.draw(0, 1)
  pen.draw(10, 2.346)
  pen.lift()
  pen.draw(20, 3)
  brush.stroke()
  expect(brush.toString()).toBe(
    '<path d="M0 1L10 2.35M20 3" fill="none" stroke="plain blue" stroke-width="1" stroke-linejoin="miter" stroke-dasharray="4 2"/>',
  )
})

test('what is clipped ends where the state is restored', () => {
  const brush = new SvgBrush(String)
  brush.save()
  brush.globalAlpha = 0.5
  brush.rect(0, 0, 5, 5)
  brush.clip()
  brush.fillRect(1, 1, 2, 2)
  brush.restore()
  brush.fillRect(9, 9, 1, 1)
  expect(brush.toString().split('\n')).toEqual([
    '<clipPath id="clip-1"><path d="M0 0h5v5h-5Z"/></clipPath>',
    '<g clip-path="url(#clip-1)">',
    '<path d="M1 1h2v2h-2Z" fill="#000" fill-opacity="0.5"/>',
    '</g>',
    '<path d="M9 9h1v1h-1Z" fill="#000"/>',
  ])
})

test('text stands where it stood, with nothing that breaks the file', () => {
  const brush = new SvgBrush(String)
  brush.font = "500 11px 'Geist Variable', sans-serif"
  brush.textAlign = 'right'
  brush.textBaseline = 'middle'
  brush.fillText('a < "b" & c', 10, 20)
  expect(brush.toString()).toBe(
    `<text x="10" y="23.85" text-anchor="end" font-size="11" font-weight="500" font-family="'Geist Variable', sans-serif" fill="#000">a &lt; &quot;b&quot; &amp; c</text>`,
  )
})
