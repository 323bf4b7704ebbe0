package path

import (
	"strconv"
	"strings"
	"time"
)

// precision counts the digits of a Date, DateTime or Time, as precision() does for the first two.
type precision uint8

const (
	toYear   precision = 4
	toMonth  precision = 6
	toDay    precision = 8
	toHour   precision = 10
	toMinute precision = 12
	toSecond precision = 14
	toMilli  precision = 17
)

// temporal is a Date, DateTime or Time as it was written: what lies beyond its precision has the lowest value and means
// nothing.
type temporal struct {
	k                     kind
	prec                  precision
	year, month, day      int
	hour, minute, seconds int
	nanos                 int
	digits                int // of the fraction of a second
	zoned                 bool
	zone                  int // minutes east of UTC
}

func (t temporal) kind() kind { return t.k }

func temporalOrNil(s string, k kind) literal {
	t, ok := parseTemporal(s, k)
	if !ok {
		return nil
	}
	return t
}

// parseTemporal reads the text of a literal without its @ (and the T of a time), or of a FHIR date, dateTime, instant or
// time.
func parseTemporal(s string, k kind) (temporal, bool) {
	t := temporal{k: k, month: 1, day: 1}
	rest, ok := s, true
	if k == kTime {
		t.year = 1
		rest, ok = t.readClock(s)
		return t, ok && rest == ""
	}
	rest, ok = t.readDate(s)
	if !ok || rest == "" {
		return t, ok
	}
	rest, found := strings.CutPrefix(rest, "T")
	if !found || k != kDateTime {
		return t, false
	}
	if rest == "" {
		return t, true
	}
	if t.prec != toDay {
		return t, false
	}
	rest, ok = t.readClock(rest)
	return t, ok && t.readZone(rest)
}

func (t *temporal) readDate(s string) (rest string, ok bool) {
	if t.year, rest, ok = digits(s, 4); !ok || t.year == 0 {
		return s, false
	}
	t.prec = toYear
	if !strings.HasPrefix(rest, "-") {
		return rest, true
	}
	if t.month, rest, ok = digits(rest[1:], 2); !ok || t.month < 1 || t.month > 12 {
		return s, false
	}
	t.prec = toMonth
	if !strings.HasPrefix(rest, "-") {
		return rest, true
	}
	t.day, rest, ok = digits(rest[1:], 2)
	t.prec = toDay
	return rest, ok && t.day >= 1 && t.day <= daysIn(t.year, t.month)
}

func (t *temporal) readClock(s string) (rest string, ok bool) {
	if t.hour, rest, ok = digits(s, 2); !ok || t.hour > 23 {
		return s, false
	}
	t.prec = toHour
	if !strings.HasPrefix(rest, ":") {
		return rest, true
	}
	if t.minute, rest, ok = digits(rest[1:], 2); !ok || t.minute > 59 {
		return s, false
	}
	t.prec = toMinute
	if !strings.HasPrefix(rest, ":") {
		return rest, true
	}
	if t.seconds, rest, ok = digits(rest[1:], 2); !ok || t.seconds > 59 {
		return s, false
	}
	t.prec = toSecond
	return t.readFraction(rest)
}

func (t *temporal) readFraction(s string) (rest string, ok bool) {
	if !strings.HasPrefix(s, ".") {
		return s, true
	}
	n, unit := 1, 100_000_000
	for ; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		t.nanos += int(s[n]-'0') * unit
		unit /= 10
	}
	t.prec, t.digits = toMilli, min(n-1, 9)
	return s[n:], n > 1
}

func (t *temporal) readZone(s string) bool {
	if s == "" {
		return true
	}
	t.zoned = true
	if s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	h, _, ok1 := digits(s[1:], 2)
	m, _, ok2 := digits(s[4:], 2)
	t.zone = h*60 + m
	ok := ok1 && ok2 && m < 60 && t.zone <= 14*60
	if s[0] == '-' {
		t.zone = -t.zone
	}
	return ok
}

func digits(s string, n int) (v int, rest string, ok bool) {
	if len(s) < n {
		return 0, s, false
	}
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return 0, s, false
		}
		v = v*10 + int(s[i]-'0')
	}
	return v, s[n:], true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// fromTime is an instant with milliseconds and its zone.
func fromTime(at time.Time) temporal {
	_, offset := at.Zone()
	return temporal{k: kDateTime, prec: toMilli, year: at.Year(), month: int(at.Month()), day: at.Day(), hour: at.Hour(), minute: at.Minute(),
		seconds: at.Second(), nanos: at.Nanosecond() / 1e6 * 1e6, digits: 3, zoned: true, zone: offset / 60}
}

// time is the moment in UTC, or on the clock of an unknown zone taken for UTC.
func (t temporal) time() time.Time {
	return time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute-t.zone, t.seconds, t.nanos, time.UTC)
}

// withTime puts the clock and calendar of at, on t's own zone, into t; false beyond the years 1 to 9999.
func (t temporal) withTime(at time.Time) (temporal, bool) {
	at = at.Add(time.Duration(t.zone) * time.Minute)
	t.year, t.month, t.day = at.Year(), int(at.Month()), at.Day()
	t.hour, t.minute, t.seconds, t.nanos = at.Hour(), at.Minute(), at.Second(), at.Nanosecond()
	return t, t.year >= 1 && t.year <= 9999
}

// text is the ISO 8601 form to the precision that t has.
func (t temporal) text() string {
	if t.k == kTime {
		return t.clockText()
	}
	b := pad(t.year, 4)
	if t.prec >= toMonth {
		b += "-" + pad(t.month, 2)
	}
	if t.prec >= toDay {
		b += "-" + pad(t.day, 2)
	}
	if t.prec >= toHour {
		b += "T" + t.clockText() + t.zoneText()
	}
	return b
}

func (t temporal) clockText() string {
	b := pad(t.hour, 2)
	if t.prec >= toMinute {
		b += ":" + pad(t.minute, 2)
	}
	if t.prec >= toSecond {
		b += ":" + pad(t.seconds, 2)
	}
	if t.prec >= toMilli {
		b += "." + pad(t.nanos, 9)[:max(1, t.digits)]
	}
	return b
}

func (t temporal) zoneText() string {
	switch {
	case !t.zoned:
		return ""
	case t.zone == 0:
		return "Z"
	case t.zone < 0:
		return "-" + pad(-t.zone/60, 2) + ":" + pad(-t.zone%60, 2)
	}
	return "+" + pad(t.zone/60, 2) + ":" + pad(t.zone%60, 2)
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	if len(s) >= width {
		return s
	}
	return "000000000"[:width-len(s)] + s
}
