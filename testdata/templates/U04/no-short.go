package main

var options = policy.TelemetryOptions{ApplicationID: "contoso"}
