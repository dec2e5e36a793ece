package sim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// DistributionPoint is a quantile of a time: the share of times that are at most Value.
type DistributionPoint struct {
	Share Share
	Value time.Duration
}

// MostPoints is how many quantiles a distribution can have.
const MostPoints = 40

// The least share that quantiles which do not reach it go on to, by their last slope, and how near to the
// whole they can come.
const (
	leastTail = Whole / 10_000 * 9_999
	mostTail  = Whole - 1
)

// longestLog is the logarithm of 146 years, the longest time that is drawn.
const longestLog = 62<<24 - 1

// knots are quantiles, packed so that distributions can be compared: a knot after the other, and the
// largest value at the end (0: the quantiles say how far they go).
type knots string

// knot is a quantile as it is drawn with: its place on the standard normal distribution and the binary
// logarithm of its value, both in 1/2^24.
type knot struct {
	share  Share
	value  time.Duration
	z, log int64
}

const knotBytes = 8 + 8 + 8 + 8

func pack(points []DistributionPoint, most time.Duration) knots {
	var b []byte
	for _, p := range points {
		b = binary.BigEndian.AppendUint64(b, uint64(p.Share))
		b = binary.BigEndian.AppendUint64(b, uint64(p.Value))
		b = binary.BigEndian.AppendUint64(b, uint64(normalAt(p.Share)))
		b = binary.BigEndian.AppendUint64(b, uint64(log2(uint64(p.Value))))
	}
	return knots(binary.BigEndian.AppendUint64(b, uint64(most)))
}

func (k knots) len() int { return len(k) / knotBytes }

func (k knots) word(at int) uint64 {
	var b [8]byte
	copy(b[:], k[at:])
	return binary.BigEndian.Uint64(b[:])
}

func (k knots) at(i int) knot {
	i *= knotBytes
	return knot{Share(k.word(i)), time.Duration(k.word(i + 8)), int64(k.word(i + 16)), int64(k.word(i + 24))}
}

// most is the largest value, or 0.
func (k knots) most() time.Duration { return time.Duration(k.word(len(k) - 8)) }

// tail is the share up to which the distribution goes on.
func (k knots) tail() Share {
	if k.most() > 0 {
		return mostTail
	}
	return max(leastTail, k.at(k.len()-1).share)
}

// quantile maps a uniform 64-bit u to a time. Between two quantiles, and beyond the first and the last, the
// logarithm of the time is linear in the place on the normal distribution: pieces of log-normals.
func (k knots) quantile(u uint64) time.Duration {
	z := normalOf(u << 1)
	if u>>63 == 0 {
		z = -z
	}
	return k.valueAt(z)
}

func (k knots) valueAt(z int64) time.Duration {
	end := normalAt(k.tail())
	z = max(-end, min(z, end))
	i := 1
	for i < k.len()-1 && k.at(i).z < z {
		i++
	}
	a, b := k.at(i-1), k.at(i)
	log := a.log + (z-a.z)*(b.log-a.log)/(b.z-a.z)
	v := time.Duration(exp2(max(0, min(log, longestLog))))
	if most := k.most(); most > 0 {
		v = min(v, most)
	}
	return v
}

// nines holds z(1 - 2^-(1+i/4)) of the standard normal distribution, in 1/2^24.
var nines = [81]int64{
	0, 3367976, 6303948, 8928445, 11316060, 13516462, 15564541, 17485837, 19299660,
	21021004, 22661763, 24231555, 25738272, 27188484, 28587724, 29940700, 31251455, 32523490,
	33759860, 34963247, 36136021, 37280288, 38397928, 39490629, 40559910, 41607146, 42633586,
	43640366, 44628526, 45599020, 46552722, 47490440, 48412920, 49320852, 50214878, 51095593,
	51963552, 52819275, 53663247, 54495921, 55317725, 56129058, 56930298, 57721800, 58503899,
	59276912, 60041138, 60796862, 61544353, 62283865, 63015642, 63739914, 64456901, 65166812,
	65869848, 66566197, 67256044, 67939561, 68616915, 69288265, 69953765, 70613561, 71267793,
	71916596, 72560101, 73198431, 73831707, 74460043, 75083552, 75702339, 76316509, 76926161,
	77531391, 78132291, 78728952, 79321459, 79909897, 80494347, 81074886, 81651591, 82224535,
}

// normalOf is the place on the normal distribution of 1/2 + w/2, for w in 1/2^64: in 1/2^24, at most the last of
// the table.
func normalOf(w uint64) int64 {
	x := int64(64)<<24 - log2(^w|1) // -log2(1 - w)
	i := x >> 22
	if i >= int64(len(nines))-1 {
		return nines[len(nines)-1]
	}
	return nines[i] + (nines[i+1]-nines[i])*(x&(1<<22-1))>>22
}

// normalAt is the place of a share on the normal distribution, in 1/2^24.
func normalAt(s Share) int64 {
	switch {
	case 2*s == Whole:
		return 0
	case 2*s < Whole:
		return -normalAt(Whole - s)
	}
	w, _ := bits.Div64(uint64(2*s-Whole), 0, uint64(Whole))
	return normalOf(w)
}

// Quantiles is the distribution through measured quantiles, in ascending order, up to the largest value (0: it
// is not known). Through p50 and p99 alone it is that of QuantileDistribution.
func Quantiles(points []DistributionPoint, most time.Duration) (Distribution, error) {
	if len(points) == 2 && most == 0 && points[0].Share == Whole/2 && points[1].Share == Whole/100*99 {
		return QuantileDistribution(points[0].Value, points[1].Value)
	}
	if len(points) < 2 || len(points) > MostPoints {
		return Distribution{}, fmt.Errorf("a distribution has 2 to %d quantiles, not %d", MostPoints, len(points))
	}
	for i, p := range points {
		if p.Share <= 0 || p.Share >= Whole {
			return Distribution{}, fmt.Errorf("p%s is not between 0 and 100", percentage(p.Share))
		}
		if p.Value <= 0 {
			return Distribution{}, fmt.Errorf("p%s must be above 0", percentage(p.Share))
		}
		if i > 0 && (p.Share <= points[i-1].Share || p.Value < points[i-1].Value) {
			before := points[i-1]
			return Distribution{}, fmt.Errorf("p%s %s stands behind p%s %s: shares must rise, and times must not fall",
				percentage(p.Share), FormatDuration(p.Value), percentage(before.Share), FormatDuration(before.Value))
		}
	}
	if last := points[len(points)-1]; most > 0 && most < last.Value {
		return Distribution{}, fmt.Errorf("max %s is below p%s %s", FormatDuration(most), percentage(last.Share),
			FormatDuration(last.Value))
	}
	return Distribution{More: pack(points, most)}, nil
}

func percentage(s Share) string { return strings.TrimSuffix(s.String(), "%") }

// ParseQuantile reads the name of a quantile, like "p99.9".
func ParseQuantile(name string) (Share, error) {
	digits, ok := strings.CutPrefix(name, "p")
	v, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || v <= 0 || v >= 100 {
		return 0, fmt.Errorf("%q is not a quantile like p50 or p99.9", name)
	}
	s := Share(v/100*float64(Whole) + 0.5)
	if s >= Whole {
		return 0, fmt.Errorf("%q is too near to 100%%: the last quantile is p%s; max is the largest value", name,
			percentage(Whole-1))
	}
	return s, nil
}

// parseQuantiles reads "p50 2ms p95 8ms p99.9 1s max 2s".
func parseQuantiles(words []string) (Distribution, error) {
	var points []DistributionPoint
	most := time.Duration(0)
	for i := 0; i+1 < len(words); i += 2 {
		d, err := ParseDuration(words[i+1])
		if errors.Is(err, ErrTimeRange) {
			return Distribution{}, err
		}
		if err != nil || most > 0 {
			return Distribution{}, ErrDistribution
		}
		if words[i] == "max" {
			if most = d; d <= 0 {
				return Distribution{}, fmt.Errorf("max must be above 0")
			}
			continue
		}
		s, err := ParseQuantile(words[i])
		if err != nil {
			return Distribution{}, err
		}
		points = append(points, DistributionPoint{s, d})
	}
	return Quantiles(points, most)
}

func (k knots) String() string {
	var words []string
	for i := range k.len() {
		p := k.at(i)
		words = append(words, "p"+percentage(p.share), FormatDuration(p.value))
	}
	if most := k.most(); most > 0 {
		words = append(words, "max", FormatDuration(most))
	}
	return strings.Join(words, " ")
}

// Measured reports whether the distribution goes through quantiles.
func (l Distribution) Measured() bool { return l.P99 > 0 || l.More != "" }

// Points are the quantiles of a distribution with others than p50 and p99 alone, with the share and the time up
// to which it goes on; nil for any other.
func (l Distribution) Points() (points []DistributionPoint, tail DistributionPoint) {
	if l.More == "" {
		return nil, tail
	}
	for i := range l.More.len() {
		p := l.More.at(i)
		points = append(points, DistributionPoint{p.share, p.value})
	}
	end := l.More.tail()
	return points, DistributionPoint{end, l.More.valueAt(normalAt(end))}
}

// Half is the distribution of half of the time.
func (l Distribution) Half() Distribution {
	h := Distribution{Lo: l.Lo / 2, Hi: l.Hi / 2, P50: l.P50 / 2, P99: l.P99 / 2}
	if l.More != "" {
		points, _ := l.Points()
		for i := range points {
			points[i].Value = max(points[i].Value/2, 1)
		}
		h.More = pack(points, (l.More.most()+1)/2)
	}
	return h
}
