#!/bin/sh
# Pauses an instance while its snapshots are requested. The step sends this script, after the values below, to a root shell
# on the instance, so it is never stored there. It runs in dash, bash and BusyBox.
#
#   MODE      "pause", or "check" to make the checks alone
#   MOUNTS    mount points, one per line: their file systems are frozen
#   BEFORE    shell commands to run before the freeze, AFTER those to run afterwards
#   TIMEOUT   how many seconds the file systems may stay frozen
#
# Standard output has one report per line, each after the word "pause". The output of BEFORE and AFTER is on standard error.
# Standard input: the line "freeze" begins the pause. The line "thaw", or the end of input, ends it.

set -uf
umask 077
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
# Lists have one item per line.
IFS='
'
LOCK=${PAUSE_LOCK:-/run/lightsail-disk-snapshot.lock}
HOOK_LIMIT=${PAUSE_HOOK_LIMIT:-300}

frozen=    # what has been frozen so far, the last one first
freezing=  # the freezes in progress: a process and a mount point each
failed=    # the first that could not be frozen
disks=     # the disks below the file systems
nested=no  # whether one of the file systems is in a file on another one
stopped=no # whether a signal came while they were being frozen
timer=     # the timer's process
begun=no   # whether BEFORE was started
asked=no   # whether the step asked for the end

report() {
  printf 'pause %s\n' "$1"
}

# Ends the script with a reason: a word, and what it is about.
refuse() {
  report "refused $1 $2"
  exit 1
}

# --- Checks, before anything is changed ---

check_system() {
  [ "$(uname -s)" = Linux ] || refuse not-linux "$(uname -s)"
  [ "$(id -u)" = 0 ] || refuse not-root "$(id -un)"
  [ -z "$MOUNTS" ] || need fsfreeze mountpoint
  need flock timeout
}

need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || refuse no-command "$tool"
  done
}

# The two names of the file system that a path is on: its number and its device. Each subvolume of a Btrfs file system has a
# number of its own.
names_of() {
  stat -Lc %d "$1"
  df -P "$1" | sed -n '2s/[[:space:]].*//p'
}

# Whether two lists of names have one in common.
share_one() {
  for name in $2; do
    case "$IFS$1$IFS" in *"$IFS$name$IFS"*) return 0 ;; esac
  done
  return 1
}

check_mounts() {
  [ -n "$MOUNTS" ] || return 0
  system=
  for path in / /usr /var /boot /home /etc /tmp; do
    [ ! -e "$path" ] || system="$system$IFS$(names_of "$path")"
  done
  all=
  for mount in $MOUNTS; do
    case $mount in
      /*) ;;
      *) refuse not-absolute "$mount" ;;
    esac
    # fsfreeze takes any directory, and freezes the file system around it.
    mountpoint -q "$mount" || refuse no-mount-point "$mount"
    names=$(names_of "$mount")
    ! share_one "$system" "$names" || refuse system "$mount"
    ! share_one "$all" "$names" || refuse same-file-system "$mount"
    all="$all$IFS$names"
    device=${names##*"$IFS"}
    ! is_frozen "$mount" "$device" || is_dry_run_in_a_pause || refuse frozen "$mount"
    report_disks "$mount" "$device"
  done
  for disk in $disks; do
    file=$(cat "/sys/block/${disk##*/}/loop/backing_file" 2>/dev/null) || continue
    ! share_one "$all" "$(names_of "$file" 2>/dev/null)" || nested=yes
  done
}

# Writable ext4 has a mark on its disk while it isn't frozen. Others show nothing: that they are frozen is seen at the freeze.
is_frozen() {
  case $(findmnt -rno FSTYPE,FS-OPTIONS -M "$1" 2>/dev/null) in
    "ext4 rw"*) ;;
    *) return 1 ;;
  esac
  case " $(dumpe2fs -h "$2" 2>/dev/null | sed -n 's/^Filesystem features: *//p') " in
    *" needs_recovery "*) return 1 ;;
    *" has_journal "*) return 0 ;;
  esac
  return 1
}

# A dry run takes no lock, so that another step may be pausing the instance.
is_dry_run_in_a_pause() {
  [ "$MODE" != pause ] && ! is_alone
}

# The device, and every disk below it with its serial number, which on Lightsail is the id of the volume.
report_disks() {
  below=$(lsblk -snrpo NAME,SERIAL "$2" 2>/dev/null)
  report "device $1:$2 $(echo "$below" | tr '\n' ' ')"
  for line in $below; do
    disks="$disks${line%% *}$IFS"
  done
}

# --- The pause ---

# Runs shell commands for five minutes at most. A process that they leave behind doesn't keep the lock.
hook() {
  [ -z "$1" ] || timeout -k 10 "$HOOK_LIMIT" sh -ec "$1" </dev/null >&2 9>&-
}

# All at once: most of a freeze is waiting in the kernel. But a file system in a file on another one comes before that one.
freeze() {
  # A signal must not come between a freeze and the note of it.
  trap stopped=yes HUP INT TERM
  for mount in $MOUNTS; do
    fsfreeze --freeze "$mount" &
    freezing="$freezing$! $mount$IFS"
    [ "$nested" = no ] || settle
  done
  settle
  trap 'exit 1' HUP INT TERM
  [ "$stopped" = no ] || exit
}

# Waits until the freezes in progress have ended.
settle() {
  for each in $freezing; do
    pid=${each%% *}
    wait "$pid"
    code=$?
    # A signal ends "wait".
    while kill -0 "$pid" 2>/dev/null; do
      wait "$pid"
      code=$?
    done
    if [ "$code" = 0 ]; then frozen="${each#* }$IFS$frozen"; else failed=${failed:-${each#* }}; fi
  done
  freezing=
  # It was frozen already, and not by this script: that freeze is left alone.
  [ -z "$failed" ] || refuse freeze-failed "$failed"
}

# Succeeds if all of them were still frozen.
thaw() {
  held=yes
  thawing=
  for mount in $1; do
    fsfreeze --unfreeze "$mount" 2>/dev/null &
    thawing="$thawing$!$IFS"
  done
  for pid in $thawing; do
    wait "$pid" || held=no
  done
  [ "$held" = yes ]
}

# Runs beside the script and ends the pause when the time is up, even if the script was killed or is still freezing.
run_timer() {
  # It holds neither the lock nor the connection.
  exec </dev/null >/dev/null 2>&1 9>&-
  all=
  for mount in $MOUNTS; do
    all="$mount$IFS$all"
  done
  sleep "$TIMEOUT"
  is_alone || kill -TERM $$
  # A thaw that comes before the end of a slow freeze fails.
  until is_alone; do
    thaw "$all"
    sleep 1
  done
  # Reached only if the script was killed: it stops the timer before it ends.
  thaw "$all"
  hook "$AFTER"
}

# Whether the script, and the freeze that it started, have ended.
is_alone() {
  flock -n "$LOCK" true
}

# Whatever ends the script, this comes last.
# shellcheck disable=SC2329 # a trap calls it
clean_up() {
  trap - EXIT
  trap : HUP INT TERM
  if thaw "$frozen" && [ "$asked" = yes ]; then report held; else report lost; fi
  [ -z "$timer" ] || kill -KILL "$timer"
  if [ "$begun" = yes ]; then
    report after
    hook "$AFTER" || report "after-failed $?"
  fi
  report finished
}

pause() {
  # A connection that is lost now must not keep the lock for long.
  word=$(timeout 300 head -n 1)
  [ "$word" = freeze ] || exit
  trap clean_up EXIT
  trap 'exit 1' HUP INT TERM
  # Without a connection, reports go nowhere.
  trap : PIPE
  begun=yes
  report before
  hook "$BEFORE" || refuse before-failed $?
  for mount in $MOUNTS; do
    # Most of the writing is done now, so that the freeze is short.
    sync -f "$mount" 2>/dev/null || sync
  done
  run_timer &
  timer=$!
  freeze
  report frozen
  read -r word
  [ "$word" != thaw ] || asked=yes
}

main() {
  cd /
  check_system
  if [ "$MODE" = pause ]; then
    exec 9>"$LOCK"
    # A lock ends with the processes that hold it.
    flock -n 9 || refuse busy "$LOCK"
  fi
  check_mounts
  report ready
  [ "$MODE" != pause ] || pause
}

# In one line, because bash would leave the next one to "read".
main; exit
