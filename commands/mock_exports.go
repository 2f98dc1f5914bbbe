package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"smp/commands/term"
)

// mockSettings are what a client has to know to use a mock.
type mockSettings struct {
	endpoint string
	key      string
	caCert   string        // path of the certificate's file
	delay    time.Duration // real time between two requests of an IP
	scale    float64
	service  string // of SMP_SERVICE; "" is the default one
}

// variable is an environment variable.
type variable struct{ name, value string }

func (v variable) String() string { return v.name + "=" + v.value }

// lastMockVariable ends what a mock prints when it is ready.
const lastMockVariable = "SMP_TIME_SCALE"

func (s mockSettings) variables() []variable {
	variables := []variable{
		{"SMP_ENDPOINT", s.endpoint},
		{"SMP_API_KEY", s.key},
		{"SMP_CACERT", s.caCert},
		{"SMP_DELAY", s.delay.String()},
		{lastMockVariable, strconv.FormatFloat(s.scale, 'f', -1, 64)},
	}
	if s.service == "" {
		return variables
	}
	return slices.Insert(variables, 0, variable{"SMP_SERVICE", s.service})
}

func names(variables []variable) []string {
	list := make([]string, len(variables))
	for i, v := range variables {
		list[i] = v.name
	}
	return list
}

// exports are lines that a POSIX shell can source.
func exports(variables []variable) string {
	var b strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&b, "export %s=%s\n", v.name, term.Quote(v.value))
	}
	return b.String()
}
