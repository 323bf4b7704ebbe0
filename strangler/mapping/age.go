package mapping

// age counts the birthdays from born to at, both of the form YYYY-MM-DD with or without a time. Who is born on 29 February
// has his birthday on 1 March in years that have none.
func age(born, at string) (int, bool) {
	b, ok := readDate(born)
	t, also := readDate(at)
	if !ok || !also {
		return 0, false
	}
	years := t.year - b.year
	if t.month < b.month || t.month == b.month && t.day < b.day {
		years--
	}
	return years, true
}

type day struct{ year, month, day int }

// readDate reads the date at the start of a text; it must be one of the calendar.
func readDate(s string) (d day, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || !digits(s[:4]) || !digits(s[5:7]) || !digits(s[8:10]) {
		return d, false
	}
	d = day{number(s[:4]), number(s[5:7]), number(s[8:10])}
	return d, d.year > 0 && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= daysIn(d.year, d.month)
}

// number reads digits.
func number(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
