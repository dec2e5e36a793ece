package plots

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim"
)

// byteUnits are the units of an axis of sizes, the largest first.
var byteUnits = []struct {
	name string
	size sim.Size
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// fullLook and defragLook are how the two look in the strip.
var (
	fullLook   = look{fill: vermillion.veil(0.35), hatch: rising, over: vermillion, text: ink}
	defragLook = look{fill: orange, over: onLight, text: onLight}
)

// storeRow is the height of a row of the strip: alarms, and below them what was done
// to the files.
const storeRow = 30 * px

func (s StorePoints) ink(sh *sheet) {
	p := sh.newTimePlot(0, sh.span)
	top := max(s.largest(), s.Quota)
	unit := byteUnits[len(byteUnits)-1]
	for _, u := range byteUnits {
		if top >= 2*u.size {
			unit = u
			break
		}
	}
	up := func(n sim.Size) float64 { return float64(n) / float64(unit.size) }
	p.Y.Min, p.Y.Max = 0, up(max(top, 1))*1.06
	p.yLabel = "database file (" + unit.name + ")"
	p.Y.Tick.Marker = steps{most: 7}
	p.Add(horizontals(p.Plot))
	var keys []key
	for m, points := range s.Files {
		if len(points) == 0 {
			continue
		}
		file := memberLine(m, len(s.Files))
		used := line(max(file.Width*0.6, thinLine), memberColours[m%len(memberColours)], 9*px, 5*px)
		keys = append(keys, lineKey(printable(s.Members[m])+": file", file), lineKey("in use", used))
		p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			stroke(c, file, stairs(nil, len(points), func(i int) vg.Point { return at(p.x(points[i].At), up(points[i].Size)) }))
			stroke(c, used, stairs(nil, len(points), func(i int) vg.Point { return at(p.x(points[i].At), up(points[i].InUse)) }))
		}))
	}
	if s.Quota > 0 {
		keys = append(keys, s.quota(p, up))
	}
	p.strip, p.inkStrip = storeRow*vg.Length(s.rows()), s.inkStrip
	sh.drawTimePlot(p, append(keys, s.stripKeys()...)...)
}

// quota draws the line that no file should cross.
func (s StorePoints) quota(p *timePlot, up func(sim.Size) float64) key {
	style := line(2*px, ink, 3*px, 4*px)
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		stroke(c, style, segment(nil, at(p.x(p.from), up(s.Quota)), at(p.x(p.to), up(s.Quota))))
	}))
	return lineKey("quota", style)
}

// compactionMark is a compaction in the strip.
var compactionMark = mark{triangle, 6 * px, ink}

// rows is how many rows the strip has.
func (s StorePoints) rows() (n int) {
	if len(s.Full) > 0 {
		n++
	}
	if len(s.Defrags)+len(s.Compactions) > 0 {
		n++
	}
	return n
}

func (s StorePoints) inkStrip(sh *sheet, p *timePlot, data draw.Canvas) {
	style := bold(letters(smallSize, ink))
	style.XAlign = draw.XRight
	top := data.Max.Y
	row := func(name string) (middle vg.Length) {
		middle = top - storeRow/2
		sh.text(style, data.Min.X-8*px, middle, name)
		top -= storeRow
		return middle
	}
	bars := func(middle vg.Length, spans []StoreSpan, l look, label func(StoreSpan) string) {
		for _, x := range spans {
			from := p.place(x.From)
			r := vg.Rectangle{Min: vg.Point{X: from, Y: middle - storeRow*0.4}, Max: vg.Point{X: max(p.place(x.To), from+3*px), Y: middle + storeRow*0.4}}
			l.draw(sh, r, label(x), "")
		}
	}
	if len(s.Full) > 0 {
		bars(row("alarm"), s.Full, fullLook, func(StoreSpan) string { return "NOSPACE" })
	}
	if len(s.Defrags)+len(s.Compactions) == 0 {
		return
	}
	middle := row("store")
	bars(middle, s.Defrags, defragLook, func(x StoreSpan) string { return printable(s.Members[x.Member-1]) })
	var at []vg.Point
	for _, c := range s.Compactions {
		at = append(at, vg.Point{X: p.place(c), Y: middle})
	}
	compactionMark.draw(sh, at)
}

// stripKeys are the legend of what the strip shows.
func (s StorePoints) stripKeys() (keys []key) {
	if len(s.Compactions) > 0 {
		keys = append(keys, markKey("compaction", compactionMark))
	}
	if len(s.Defrags) > 0 {
		keys = append(keys, areaKey("defragmentation", defragLook))
	}
	if len(s.Full) > 0 {
		keys = append(keys, areaKey("no writes for want of space", fullLook))
	}
	return keys
}
