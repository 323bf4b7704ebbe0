package validate

// The functions that cut return the rest behind what they match. Each form is as its regular expression in the
// specification; isReal... also wants the day to exist in its month.

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cutYear cuts four digits other than 0000.
func cutYear(s string) (string, bool) {
	if len(s) < 4 || s[:4] == "0000" {
		return s, false
	}
	for i := range 4 {
		if !isDigit(s[i]) {
			return s, false
		}
	}
	return s[4:], true
}

// cutPair cuts a separator and two digits that make a number from low to high.
func cutPair(s string, separator byte, low, high int) (string, bool) {
	if s == "" || s[0] != separator {
		return s, false
	}
	return cutTwo(s[1:], low, high)
}

// cutTwo cuts two digits that make a number from low to high.
func cutTwo(s string, low, high int) (string, bool) {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return s, false
	}
	n := int(s[0]-'0')*10 + int(s[1]-'0')
	return s[2:], n >= low && n <= high
}

// cutDate cuts a year, a month or a day; whole says that it was a day.
func cutDate(s string) (rest string, whole, ok bool) {
	if s, ok = cutYear(s); !ok || s == "" {
		return s, false, ok
	}
	if s, ok = cutPair(s, '-', 1, 12); !ok || s == "" {
		return s, false, ok
	}
	s, ok = cutPair(s, '-', 1, 31)
	return s, true, ok
}

// cutTime cuts hh:mm:ss with an optional fraction.
func cutTime(s string) (string, bool) {
	s, ok := cutTwo(s, 0, 23)
	if ok {
		s, ok = cutPair(s, ':', 0, 59)
	}
	if ok {
		s, ok = cutPair(s, ':', 0, 60)
	}
	if !ok || s == "" || s[0] != '.' {
		return s, ok
	}
	n := 1
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[n:], n > 1
}

// isZone matches Z or an offset of at most 14 hours.
func isZone(s string) bool {
	if s == "Z" || s == "" {
		return s != ""
	}
	if s[0] != '+' && s[0] != '-' {
		return false
	}
	if s[1:] == "14:00" {
		return true
	}
	rest, ok := cutPair(s, s[0], 0, 13)
	if ok {
		rest, ok = cutPair(rest, ':', 0, 59)
	}
	return ok && rest == ""
}

func isDate(s string) bool {
	rest, _, ok := cutDate(s)
	return ok && rest == ""
}

func isDateTime(s string) bool {
	rest, whole, ok := cutDate(s)
	if ok && rest != "" && whole {
		if rest[0] != 'T' {
			return false
		}
		rest, ok = cutTime(rest[1:])
		return ok && isZone(rest)
	}
	return ok && rest == ""
}

func isInstant(s string) bool { return len(s) > 10 && isDateTime(s) }

func isTime(s string) bool {
	rest, ok := cutTime(s)
	return ok && rest == ""
}

func isRealDate(s string) bool { return isDate(s) && dayExists(s) }

func isRealDateTime(s string) bool { return isDateTime(s) && dayExists(s) }

func isRealInstant(s string) bool { return isInstant(s) && dayExists(s) }

// dayExists looks at the day of a date in the form YYYY-MM-DD...; anything shorter has none.
func dayExists(s string) bool {
	if len(s) < 10 {
		return true
	}
	day := int(s[8]-'0')*10 + int(s[9]-'0')
	switch s[5:7] {
	case "04", "06", "09", "11":
		return day <= 30
	case "02":
		return day <= 28 || day == 29 && isLeap(s)
	}
	return true
}

func isLeap(s string) bool {
	century, year := int(s[0]-'0')*10+int(s[1]-'0'), int(s[2]-'0')*10+int(s[3]-'0')
	return year%4 == 0 && (year != 0 || century%4 == 0)
}
