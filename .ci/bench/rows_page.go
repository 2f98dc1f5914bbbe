//go:build unix

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// relayPage is a page of fifty parts in Chromium, through a relay to a mock at a time
// scale of 60. The test of the relay with a browser loads the same page.
func relayPage(*bench) ([]line, error) {
	for _, tool := range []string{"chromium", "node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, errors.New(tool + " is not here")
		}
	}
	out, err := exec.Command("bash", ".ci/relay/browser").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("bash .ci/relay/browser: %w\n%s", err, out)
	}
	var lines []line
	took := regexp.MustCompile(`(?m)^ok +(\S+ https?): (\d+) ms, less`)
	for _, page := range took.FindAllSubmatch(out, -1) {
		ms, err := strconv.ParseFloat(string(page[2]), 64)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line{
			name: fmt.Sprintf("relay: page of 50 parts, %s", page[1]), ours: seconds(ms / 1e3),
			budget: budget(3, 2, "%g s"), verdict: verdict(ms/1e3, 3, 2),
		})
	}
	return lines, nil
}
