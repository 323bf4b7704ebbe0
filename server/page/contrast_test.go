package page

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestColoursStandOut computes the contrast of what lies on each other (WCAG 2.2, success criteria 1.4.3 and 1.4.11), in light and dark.
func TestColoursStandOut(t *testing.T) {
	light, dark := tokens(t)
	for name, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, x := range []struct {
			on, over string
			least    float64
		}{
			{"ink", "paper", 4.5}, {"ink", "ground", 4.5}, {"ink", "note-paper", 4.5}, {"ink", "wrong-paper", 4.5},
			{"quiet", "paper", 4.5}, {"quiet", "ground", 4.5},
			{"act", "paper", 4.5}, {"act", "ground", 4.5}, {"act-over", "paper", 4.5}, {"act-over", "ground", 4.5}, {"act-ink", "act", 4.5}, {"act-ink", "act-over", 4.5},
			{"wrong", "paper", 4.5}, {"wrong", "wrong-paper", 4.5}, {"done", "done-paper", 4.5}, {"act", "note-paper", 4.5},
			{"scan", "scan-paper", 7}, {"line", "paper", 3}, {"line", "note-paper", 3},
		} {
			if c := contrast(t, colours[x.on], colours[x.over]); c < x.least {
				t.Errorf("%s: %s (%s) on %s (%s) stands out by %.2f, %.1f is wanted", name, x.on, colours[x.on], x.over, colours[x.over], c, x.least)
			}
		}
	}
}

// TestContrastIsThatOfTheStandard: black on white is 21 to 1, and the grey that is known to be just enough is.
func TestContrastIsThatOfTheStandard(t *testing.T) {
	if c := contrast(t, "#000000", "#ffffff"); c != 21 {
		t.Error(c)
	}
	if a, b := contrast(t, "#767676", "#ffffff"), contrast(t, "#777777", "#ffffff"); a < 4.5 || b >= 4.5 {
		t.Error(a, b)
	}
}

// TestOnlyTokensNameColours: a rule that names one would be right in light or in dark alone.
func TestOnlyTokensNameColours(t *testing.T) {
	css := sheet(t)
	_, rules, _ := strings.Cut(css, "*, *::before")
	if m := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(`).FindAllString(rules, -1); m != nil {
		t.Error(m)
	}
	known := regexp.MustCompile(`(?m)^\s*--([\w-]+):`).FindAllStringSubmatch(css, -1)
	all := map[string]bool{}
	for _, m := range known {
		all[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`var\(--([\w-]+)\)`).FindAllStringSubmatch(css, -1) {
		if !all[m[1]] {
			t.Error("there is no token", m[1])
		}
	}
}

func sheet(t *testing.T) string {
	t.Helper()
	css, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	return string(css)
}

// tokens are the colours of both schemes; what dark does not say is as in light.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	head, _, _ := strings.Cut(sheet(t), "*, *::before")
	first, second, found := strings.Cut(head, "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	light, dark = map[string]string{}, map[string]string{}
	colour := regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6});`)
	for _, m := range colour.FindAllStringSubmatch(first, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range colour.FindAllStringSubmatch(second, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// contrast of two colours (WCAG 2.2, contrast ratio).
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 24)
	if err != nil {
		t.Fatalf("%q is no colour", colour)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&255) / 255
		if c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*part(16) + .7152*part(8) + .0722*part(0)
}
