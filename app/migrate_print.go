package app

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// count writes a number with its thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(max(n, -n), 10)
	var out []byte
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	if n < 0 {
		return "-" + string(out)
	}
	return string(out)
}

// sheet is a table for people: the first column and those marked with a trailing space stand on the left, all others on
// the right.
type sheet struct {
	heads []string
	rows  [][]string
}

func (t *sheet) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *sheet) print(w io.Writer) {
	widths := make([]int, len(t.heads))
	for _, row := range append([][]string{t.heads}, t.rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(strings.TrimSpace(c)))
		}
	}
	for _, row := range append([][]string{t.heads}, t.rows...) {
		fmt.Fprintln(w, strings.TrimRight(t.line(row, widths), " ")) //nolint:errcheck // whoever closed it does not want to know
	}
}

func (t *sheet) line(row []string, widths []int) string {
	var out strings.Builder
	for i, c := range row {
		if i > 0 {
			out.WriteString("  ")
		}
		left := i == 0 || strings.HasSuffix(t.heads[i], " ")
		c = strings.TrimRight(c, " ")
		pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c)))
		if left {
			out.WriteString(c + pad)
		} else {
			out.WriteString(pad + c)
		}
	}
	return out.String()
}

// sayf writes a line for people.
func sayf(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...) //nolint:errcheck // whoever closed it does not want to know
}

// short is the beginning of a hash.
func short(hash string) string {
	kind, digits, ok := strings.Cut(hash, ":")
	if !ok {
		kind, digits = "", hash
	}
	if len(digits) > 12 {
		digits = digits[:12]
	}
	return strings.TrimPrefix(kind+":"+digits, ":")
}

// span is a duration for people.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
