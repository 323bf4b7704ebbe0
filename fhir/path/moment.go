package path

import (
	"cmp"
	"time"
)

// compareTemporal orders two values of which both or neither are a Time (http://hl7.org/fhirpath/N1/#comparison). It is
// not known where one ends before a difference shows, or where a clock without a zone may be on either side.
func compareTemporal(a, b temporal) (order int, known bool) {
	if a.prec > toDay && b.prec > toDay && a.k != kTime {
		switch {
		case a.zoned && b.zoned:
			a, b = a.utc(), b.utc()
		case a.zoned != b.zoned:
			return acrossZones(a, b)
		}
	}
	return componentwise(a, b)
}

func (t temporal) utc() temporal {
	u, _ := t.withTime(t.time().Add(-time.Duration(t.zone) * time.Minute))
	u.zone = 0
	return u
}

// acrossZones orders a moment with a zone and one without, which may mean any zone from -12:00 to +14:00.
func acrossZones(a, b temporal) (order int, known bool) {
	gap := a.time().Sub(b.time())
	earliest, latest := -14*time.Hour, 12*time.Hour
	if a.zoned {
		earliest, latest = -latest, -earliest
	}
	switch {
	case gap+earliest > 0:
		return 1, true
	case gap+latest < 0:
		return -1, true
	}
	return 0, false
}

func componentwise(a, b temporal) (order int, known bool) {
	for _, p := range [...]precision{toYear, toMonth, toDay, toHour, toMinute, toSecond} {
		if a.k == kTime && p < toHour {
			continue
		}
		if a.prec < p || b.prec < p {
			return 0, a.prec < p && b.prec < p
		}
		if c := cmp.Compare(a.component(p), b.component(p)); c != 0 {
			return c, true
		}
	}
	return 0, true
}

// component is the part of that precision; seconds come with their fraction.
func (t temporal) component(p precision) int {
	switch p {
	case toYear:
		return t.year
	case toMonth:
		return t.month
	case toDay:
		return t.day
	case toHour:
		return t.hour
	case toMinute:
		return t.minute
	}
	return t.seconds*1e9 + t.nanos
}
