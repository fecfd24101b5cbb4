#!/usr/bin/env python3
"""compare.py LD DIRECTORY [--objects N ...] [--runs K]: the time of a link, ours and others'.

Makes the workload of each size in DIRECTORY (or takes what is there: a folder arm-N with main.o and
libwork.a), then links it K times with LD, GNU ld, lld-19 and mold in turn, and prints the median CPU
time (user and system), the peak memory and the ratio to ours; between the first and the last size
also the exponent with which the time grows. Compare within one run: the machine's speed drifts.
"""
import argparse
import math
import os
import statistics
import subprocess
from pathlib import Path

import workload

OTHERS = {
    "GNU ld": ["arm-none-eabi-ld"],
    "lld-19": ["ld.lld-19", "-m", "armelf"],
    "mold": ["mold", "--no-fork", "-m", "armelf_linux_eabi"],
}


def measure(command):
    """CPU seconds and peak RSS in MiB, or nothing if the command cannot run or fails."""
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
    except OSError:
        return None
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        return None
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(linkers, directory, runs):
    samples = {name: [] for name in linkers}
    for run in range(runs + 1):
        for name, command in linkers.items():
            output = directory / "out.elf"
            # The second of two counts: the first one pays for the memory that the linker before it
            # gave back to the system.
            for _ in range(2):
                output.unlink(missing_ok=True)  # writing over old blocks would be cheaper
                result = measure([*command, "--gc-sections", "-e", "_start", "-o", output,
                                  directory / "main.o", directory / "libwork.a"])
            if result and run > 0:  # the first run only warms the caches
                samples[name].append(result)
    medians = {name: statistics.median(cpu for cpu, _ in s) for name, s in samples.items() if s}
    for name, cpu in medians.items():
        rss = max(rss for _, rss in samples[name])
        print(f"  {name:8} {cpu * 1e3:9.1f} ms CPU {rss:8.1f} MiB  "
              f"{cpu / medians['fwseal']:6.2f} x fwseal")
    return medians["fwseal"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ld")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--objects", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    linkers = {"fwseal": [options.ld], **OTHERS}
    times = []
    for count in options.objects:
        directory = options.directory / f"arm-{count}"
        if not (directory / "libwork.a").exists():
            workload.make(count, directory)
        size = (directory / "libwork.a").stat().st_size
        print(f"{count} objects, {size / 1e6:.1f} MB, {options.runs} runs")
        times.append(compare(linkers, directory, options.runs))
    if len(times) > 1:
        growth = math.log(times[-1] / times[0]) / math.log(options.objects[-1] / options.objects[0])
        print(f"growth exponent of fwseal: {growth:.3f}")


if __name__ == "__main__":
    main()
