package chart

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// TimePlot is a plot whose horizontal axis is a stretch of the run's time.
type TimePlot struct {
	*plot.Plot
	From, To time.Duration
	unit     timeUnit
	YLabel   string // of the vertical axis, with its unit

	// strip is the height of a strip between the faults and the data, over the same
	// time axis; inkStrip draws it.
	Strip    vg.Length
	InkStrip func(s *Sheet, p *TimePlot, area draw.Canvas)
}

// timeUnit is the unit that a time axis counts in.
type timeUnit struct {
	Size time.Duration
	Name string
}

// TimeUnitFor is the unit in which the times up to end are easy to read.
func TimeUnitFor(from, to time.Duration) timeUnit {
	switch span := to - from; {
	case to > 3*time.Hour:
		return timeUnit{time.Hour, "h"}
	case to > 10*time.Minute && span > time.Minute:
		return timeUnit{time.Minute, "min"}
	case to >= 10*time.Second || span >= 2*time.Second:
		return timeUnit{time.Second, "s"}
	}
	return timeUnit{time.Millisecond, "ms"}
}

// NewTimePlot is an empty plot over a stretch of the run, with the faults as
// shades behind its data.
func (s *Sheet) NewTimePlot(from, to time.Duration) *TimePlot {
	p := &TimePlot{Plot: NewPlot(), From: from, To: to, unit: TimeUnitFor(from, to)}
	p.X.Min, p.X.Max = p.At(from), p.At(to)
	p.X.Label.Text = "time since the start (" + p.unit.Name + ")"
	p.X.Tick.Marker = RoundTicks{Most: 12}
	p.Add(Verticals(p.Plot))
	p.Add(shades(s.Faults, p))
	return p
}

// At is a moment on the axis.
func (p *TimePlot) At(at time.Duration) float64 { return float64(at) / float64(p.unit.Size) }

// Verticals are thin lines at the labelled ticks of the horizontal axis.
func Verticals(p *plot.Plot) plot.Plotter {
	return InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var lines vg.Path
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if t.IsMinor() {
				continue
			}
			x := at(t.Value, p.Y.Min).X
			lines = Segment(lines, vg.Point{X: x, Y: c.Min.Y}, vg.Point{X: x, Y: c.Max.Y})
		}
		Stroke(c, Pen(Hairline, Grid), lines)
	})
}

// Horizontals are thin lines at the labelled ticks of the vertical axis.
func Horizontals(p *plot.Plot) plot.Plotter {
	return InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var lines vg.Path
		for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if t.IsMinor() {
				continue
			}
			y := at(p.X.Min, t.Value).Y
			lines = Segment(lines, vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y})
		}
		Stroke(c, Pen(Hairline, Grid), lines)
	})
}

func Stroke(c vg.Canvas, s draw.LineStyle, p vg.Path) {
	if len(p) == 0 {
		return
	}
	c.SetColor(s.Color)
	c.SetLineWidth(s.Width)
	c.SetLineDash(s.Dashes, s.DashOffs)
	c.Stroke(p)
}

// RoundTicks are ticks at round numbers.
type RoundTicks struct {
	Most  int  // about how many at most
	Whole bool // counts: no step below 1
}

// Ticks implements plot.Ticker.
func (s RoundTicks) Ticks(lo, hi float64) []plot.Tick {
	step := s.step(hi - lo)
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var ts []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9; i++ {
		v := i*step + 0 // no -0
		ts = append(ts, plot.Tick{Value: v, Label: Grouped(v, decimals)})
	}
	return ts
}

func (s RoundTicks) step(span float64) float64 {
	least := span / float64(s.Most)
	step := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*step >= least*(1-1e-9) {
			step *= m
			break
		}
	}
	if s.Whole {
		step = max(step, 1)
	}
	return step
}

// Grouped writes a number with spaces between thousands, as in 12 500.
func Grouped(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole := len(s)
	if decimals > 0 {
		whole -= decimals + 1
	}
	out := s[whole:]
	for whole > 3 {
		out = "\u202f" + s[whole-3:whole] + out // a narrow space that does not break
		whole -= 3
	}
	return sign + s[:whole] + out
}

// Members makes the vertical axis one row a member, the first on top.
func (p *TimePlot) Members(names []string) {
	n := len(names)
	p.Y.Min, p.Y.Max = -0.5, float64(n)-0.5
	p.Y.Tick.Length = 0
	p.Y.LineStyle.Width = 0
	style := Bold(p.Y.Tick.Label)
	every := (n + 24) / 25 // labels that fit one below the other
	var ts []plot.Tick
	for i, name := range names {
		if i%every == 0 {
			ts = append(ts, plot.Tick{Value: Row(i, n), Label: Fit(Printable(name), style, PlotLeft-margin-6*Px)})
		}
	}
	p.Y.Tick.Label = style
	p.Y.Tick.Marker = plot.ConstantTicks(ts)
}

// Row is where member i (from 0) of n stands on an axis of members.
func Row(i, n int) float64 { return float64(n - 1 - i) }

// RowHeight is the height of a row of n in a data area.
func RowHeight(c draw.Canvas, n int) vg.Length { return c.Size().Y / vg.Length(max(n, 1)) }

// NameTicks are ticks with names, from the bottom or the top.
func NameTicks(list []string, fromTop bool) plot.ConstantTicks {
	var ts []plot.Tick
	for i, n := range list {
		at := float64(i)
		if fromTop {
			at = float64(len(list) - 1 - i)
		}
		ts = append(ts, plot.Tick{Value: at, Label: Printable(n)})
	}
	return ts
}

// LogTicks are ticks at 1, 2 and 5 times the powers of ten. If that is more of them than
// most, which may be 0 for any number, only the powers have labels, or every other one.
type LogTicks struct{ most int }

// Ticks implements plot.Ticker.
func (l LogTicks) Ticks(lo, hi float64) (ts []plot.Tick) {
	powers := math.Log10(hi / lo)
	few, every := l.most > 0 && 3*powers > float64(l.most), 1.0
	if l.most > 0 && 2*powers > float64(l.most) {
		every = 2
	}
	for p := math.Pow(10, math.Floor(math.Log10(lo))); p <= hi; p *= 10 {
		for m := 1.0; m < 10; m++ {
			if v := m * p; v >= lo && v <= hi {
				t := plot.Tick{Value: v}
				if m == 1 && math.Mod(math.Round(math.Log10(p)), every) == 0 || !few && (m == 2 || m == 5) {
					t.Label = Grouped(v, max(0, -int(math.Floor(math.Log10(v)+1e-9))))
				}
				ts = append(ts, t)
			}
		}
	}
	return ts
}

// ShareTicks are ticks of shares, at each fifth.
type ShareTicks struct{}

// Ticks implements plot.Ticker.
func (ShareTicks) Ticks(lo, hi float64) (ts []plot.Tick) {
	for i := range 6 {
		ts = append(ts, plot.Tick{Value: float64(i) / 5, Label: fmt.Sprintf("%d%%", i*20)})
	}
	return ts
}
