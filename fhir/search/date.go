package search

import (
	"strings"
	"time"
)

const badDate = "is not a date: write yyyy, yyyy-mm, yyyy-mm-dd or yyyy-mm-ddThh:mm:ss with Z or a zone such as -05:00, with a prefix such as ge in front if wanted"

// date reads [prefix]date (https://hl7.org/fhir/R4/search.html#date).
func date(text string) (v Value, bad string) {
	p, rest := prefix(text)
	start, end, ok := period(rest)
	if !ok {
		return Value{}, noDate(rest)
	}
	return Value{Prefix: p, Lo: start.UnixMicro(), Hi: end.UnixMicro() - 1}, ""
}

// noDate says why a text is none, as closely as it can.
func noDate(s string) string {
	day, _, hasClock := strings.Cut(s, "T")
	_, m, d, ok := calendar(day)
	switch whole := len(day) == len("yyyy-mm-dd"); {
	case ok && hasClock && d == 0:
		return "is not a date: a time of day needs the whole date before it, as in yyyy-mm-ddThh:mm"
	case ok:
		return "is not a date: the time of day must be hh:mm, hh:mm:ss or hh:mm:ss.sss, with Z or a zone such as -05:00"
	case !whole && len(day) != len("yyyy-mm") || !numeric(day[:4]) || day[4] != '-' || !numeric(day[5:7]):
		return badDate
	case m < 1 || m > 12:
		return "is not a date: the month must be 01 to 12"
	case whole && day[7] == '-' && numeric(day[8:]):
		return "is not a date: the month has no such day"
	}
	return badDate
}

func numeric(s string) bool { return strings.Trim(s, "0123456789") == "" }

// period is what the text stands for: from start up to, not including, end.
func period(s string) (start, end time.Time, ok bool) {
	day, clock, hasClock := strings.Cut(s, "T")
	y, m, d, ok := calendar(day)
	if !ok || hasClock && d == 0 {
		return start, end, false
	}
	start = time.Date(y, time.Month(max(m, 1)), max(d, 1), 0, 0, 0, 0, time.UTC)
	if hasClock {
		return timeOfDay(start, clock)
	}
	switch {
	case m == 0:
		return start, start.AddDate(1, 0, 0), true
	case d == 0:
		return start, start.AddDate(0, 1, 0), true
	}
	return start, start.AddDate(0, 0, 1), true
}

// calendar reads yyyy[-mm[-dd]]; month and day are 0 where not given.
func calendar(s string) (y, m, d int, ok bool) {
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return 0, 0, 0, false
	}
	if y, ok = digits(s[:4], 1, 9999); !ok || len(s) == 4 {
		return y, 0, 0, ok
	}
	if m, ok = digits(s[5:7], 1, 12); !ok || s[4] != '-' || len(s) == 7 {
		return y, m, 0, ok && s[4] == '-'
	}
	d, ok = digits(s[8:], 1, daysIn(y, m))
	return y, m, d, ok && s[7] == '-'
}

func daysIn(y, m int) int { return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// timeOfDay reads hh:mm[:ss[.fraction]][zone] on the given day. Second 60, a leap second,
// is the first of the next minute.
func timeOfDay(day time.Time, s string) (start, end time.Time, ok bool) {
	if len(s) < 5 || s[2] != ':' {
		return day, day, false
	}
	h, okH := digits(s[:2], 0, 23)
	m, okM := digits(s[3:5], 0, 59)
	at, length := day.Add(time.Duration(h)*time.Hour+time.Duration(m)*time.Minute), time.Minute
	rest := s[5:]
	if strings.HasPrefix(rest, ":") {
		var within time.Duration
		if within, length, rest, ok = seconds(rest[1:]); !ok {
			return day, day, false
		}
		at = at.Add(within)
	}
	offset, okZ := zone(rest)
	at = at.Add(-offset)
	return at, at.Add(length), okH && okM && okZ
}

// seconds reads ss[.fraction]; length is the unit of the last digit, a microsecond at least.
func seconds(s string) (within, length time.Duration, rest string, ok bool) {
	if len(s) < 2 {
		return 0, 0, "", false
	}
	n, ok := digits(s[:2], 0, 60)
	within, length, rest = time.Duration(n)*time.Second, time.Second, s[2:]
	if !ok || !strings.HasPrefix(rest, ".") {
		return within, length, rest, ok
	}
	rest = rest[1:]
	i := 0
	for ; i < len(rest) && rest[i] >= '0' && rest[i] <= '9'; i++ {
		if length > time.Microsecond {
			length /= 10
			within += time.Duration(rest[i]-'0') * length
		}
	}
	return within, length, rest[i:], i > 0
}

// zone reads Z, +hh:mm or -hh:mm; none is UTC. A space is a plus sign that somebody forgot
// to escape in an URL.
func zone(s string) (offset time.Duration, ok bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[3] != ':' || strings.IndexByte("+- ", s[0]) < 0 {
		return 0, false
	}
	h, okH := digits(s[1:3], 0, 14)
	m, okM := digits(s[4:], 0, 59)
	offset = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, okH && okM
}

// digits reads a number of digits only, between lo and hi.
func digits(s string, lo, hi int) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n >= lo && n <= hi
}
