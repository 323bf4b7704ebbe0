package mapping

import "strings"

// e164 writes a national telephone number in the international form of ITU-T E.164. Known regions are CA and US: ten
// digits, of which the first is 2 to 9.
func e164(number, region string) (string, bool) {
	if region != "CA" && region != "US" || len(number) != 10 || number[0] < '2' || !digits(number) {
		return "", false
	}
	return "+1" + number, true
}

// national is the number from which e164 made this one.
func national(number string) (string, bool) {
	n, ok := strings.CutPrefix(number, "+1")
	if _, made := e164(n, "CA"); !ok || !made {
		return "", false
	}
	return n, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
