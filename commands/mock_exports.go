package commands

import (
	"slices"
	"strconv"
	"time"

	"smp/commands/process"
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

// lastMockVariable ends what a mock prints when it is ready.
const lastMockVariable = "SMP_TIME_SCALE"

func (s mockSettings) variables() []process.Variable {
	variables := []process.Variable{
		{Name: "SMP_ENDPOINT", Value: s.endpoint},
		{Name: "SMP_API_KEY", Value: s.key},
		{Name: "SMP_CACERT", Value: s.caCert},
		{Name: "SMP_DELAY", Value: s.delay.String()},
		{Name: lastMockVariable, Value: strconv.FormatFloat(s.scale, 'f', -1, 64)},
	}
	if s.service == "" {
		return variables
	}
	return slices.Insert(variables, 0, process.Variable{Name: "SMP_SERVICE", Value: s.service})
}
