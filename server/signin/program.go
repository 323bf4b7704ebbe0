package signin

import "strings"

// program is what people call a program that names itself as browsers do, so that they know their own again. What it cannot tell
// stays as it is.
func program(agent string) string {
	name, system := first(agent, "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari"),
		first(agent, "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case agent == "":
		return "a program without a name"
	case name == "":
		return agent
	case system == "":
		return name
	}
	return name + " on " + system
}

// first is the name of the first mark that stands in a text. Marks and names take turns.
func first(text string, marks ...string) string {
	for n := 0; n+1 < len(marks); n += 2 {
		if strings.Contains(text, marks[n]) {
			return marks[n+1]
		}
	}
	return ""
}
