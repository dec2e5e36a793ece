package plots

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// byteUnits are the units of an axis of sizes, the largest first.
var byteUnits = []struct {
	name string
	size sim.Size
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// fullLook and defragLook are how the two look in the strip.
var (
	fullLook = chart.Look{Fill: chart.Vermillion.Veil(0.35), Hatch: chart.Rising, Over: chart.Vermillion,
		Text: chart.Ink}
	defragLook = chart.Look{Fill: chart.Orange, Over: chart.OnLight, Text: chart.OnLight}
)

// storeRow is the height of a row of the strip: alarms, and below them what was done
// to the files.
const storeRow = 30 * chart.Px

func (s storePoints) ink(sh *chart.Sheet) {
	p := sh.NewTimePlot(0, sh.Span)
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
	p.YLabel = "database file (" + unit.name + ")"
	p.Y.Tick.Marker = chart.RoundTicks{Most: 7}
	p.Add(chart.Horizontals(p.Plot))
	var keys []chart.Key
	for m, points := range s.Files {
		if len(points) == 0 {
			continue
		}
		file := chart.MemberLine(m, len(s.Files))
		used := chart.Pen(max(file.Width*0.6, chart.ThinLine), chart.MemberColours[m%len(chart.MemberColours)], 9*chart.Px,
			5*chart.Px)
		keys = append(keys, chart.LineKey(chart.Printable(s.Members[m])+": file", file), chart.LineKey("in use", used))
		p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			chart.Stroke(c, file, stairs(nil, len(points), func(i int) vg.Point {
				return at(p.At(points[i].At),
					up(points[i].Size))
			}))
			chart.Stroke(c, used, stairs(nil, len(points), func(i int) vg.Point {
				return at(p.At(points[i].At),
					up(points[i].InUse))
			}))
		}))
	}
	if s.Quota > 0 {
		keys = append(keys, s.quota(p, up))
	}
	p.Strip, p.InkStrip = storeRow*vg.Length(s.rows()), s.inkStrip
	sh.DrawTimePlot(p, append(keys, s.stripKeys()...)...)
}

// quota draws the line that no file should cross.
func (s storePoints) quota(p *chart.TimePlot, up func(sim.Size) float64) chart.Key {
	style := chart.Pen(2*chart.Px, chart.Ink, 3*chart.Px, 4*chart.Px)
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		chart.Stroke(c, style, chart.Segment(nil, at(p.At(p.From), up(s.Quota)), at(p.At(p.To), up(s.Quota))))
	}))
	return chart.LineKey("quota", style)
}

// compactionMark is a compaction in the strip.
var compactionMark = chart.Marker{Shape: chart.Triangle, Size: 6 * chart.Px, Color: chart.Ink}

// rows is how many rows the strip has.
func (s storePoints) rows() (n int) {
	if len(s.Full) > 0 {
		n++
	}
	if len(s.Defrags)+len(s.Compactions) > 0 {
		n++
	}
	return n
}

func (s storePoints) inkStrip(sh *chart.Sheet, p *chart.TimePlot, data draw.Canvas) {
	style := chart.Bold(chart.Letters(chart.SmallSize, chart.Ink))
	style.XAlign = draw.XRight
	top := data.Max.Y
	row := func(name string) (middle vg.Length) {
		middle = top - storeRow/2
		sh.Text(style, data.Min.X-8*chart.Px, middle, name)
		top -= storeRow
		return middle
	}
	bars := func(middle vg.Length, spans []storeSpan, l chart.Look, label func(storeSpan) string) {
		for _, x := range spans {
			from := p.Place(x.From)
			r := vg.Rectangle{Min: vg.Point{X: from, Y: middle - storeRow*0.4},
				Max: vg.Point{X: max(p.Place(x.To), from+3*chart.Px), Y: middle + storeRow*0.4}}
			l.Draw(sh, r, label(x), "")
		}
	}
	if len(s.Full) > 0 {
		bars(row("alarm"), s.Full, fullLook, func(storeSpan) string { return "NOSPACE" })
	}
	if len(s.Defrags)+len(s.Compactions) == 0 {
		return
	}
	middle := row("store")
	bars(middle, s.Defrags, defragLook, func(x storeSpan) string { return chart.Printable(s.Members[x.Member-1]) })
	var at []vg.Point
	for _, c := range s.Compactions {
		at = append(at, vg.Point{X: p.Place(c), Y: middle})
	}
	compactionMark.Draw(sh, at)
}

// stripKeys are the legend of what the strip shows.
func (s storePoints) stripKeys() (keys []chart.Key) {
	if len(s.Compactions) > 0 {
		keys = append(keys, chart.MarkKey("compaction", compactionMark))
	}
	if len(s.Defrags) > 0 {
		keys = append(keys, chart.AreaKey("defragmentation", defragLook))
	}
	if len(s.Full) > 0 {
		keys = append(keys, chart.AreaKey("no writes: out of space", fullLook))
	}
	return keys
}
