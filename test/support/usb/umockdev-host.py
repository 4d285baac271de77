"""Plugs a camera that a USB/IP server exports into one command, without a kernel's help.

    umockdev-wrapper /usr/bin/python3 umockdev-host.py HOST:PORT BUSID COMMAND [ARGUMENT...]

umockdev gives the command a /sys and a /dev/bus/usb of its own; what libusb asks of the device node
goes to the server as transfers, and comes back. Ends with the command's exit status.
"""

import collections
import os
import socket
import struct
import subprocess
import sys
import threading

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

# linux/usbip protocol
IMPORT, SUBMIT, UNLINK, SUBMITTED, UNLINKED = 0x8003, 1, 2, 3, 4
VERSION = 0x0111
DEVICE_BYTES = 312
SPEEDS = {2: "12", 3: "480", 5: "5000"}

# linux/usbdevice_fs.h, 64 bit
SUBMITURB = 0x8038550A
DISCARDURB = 0x0000550B
REAPURB = 0x4008550C
REAPURBNDELAY = 0x4008550D
SETINTERFACE = 0x80085504
SETCONFIGURATION = 0x80045505
GETDRIVER = 0x41045508
CLAIMINTERFACE = 0x8004550F
RELEASEINTERFACE = 0x80045510
IOCTL = 0xC0105512
RESET = 0x00005514
CLEAR_HALT = 0x80045515
GET_CAPABILITIES = 0x8004551A
DISCONNECT_CLAIM = 0x8108551B
URB_BYTES = 56
CONTROL = 2
ZERO_PACKET = 0x40
# Zero packets, any length in one piece, reaping behind a disconnect.
CAPABILITIES = 0x01 | 0x04 | 0x08 | 0x10

EIO, EAGAIN, ENODEV, EINVAL, ENOTTY, EPIPE, ENODATA = 5, 11, 19, 22, 25, 32, 61
ENOENT, ESHUTDOWN = 2, 108

# How long a reap that finds nothing waits, in seconds: the node always looks ready to poll().
REAP_WAIT = 0.001
CONTROL_SECONDS = 5

Done = collections.namedtuple("Done", "status data size")


class Remote:
    """The imported device: transfers out, results back."""

    def __init__(self, address, bus_id):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), 5)
        self.socket.settimeout(None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(struct.pack(">HHI32s", VERSION, IMPORT, 0, bus_id.encode()))
        _, _, status = struct.unpack(">HHI", self._receive(8))
        if status:
            sys.exit(f"umockdev-host: {bus_id} was refused with status {status}")
        described = self._receive(DEVICE_BYTES)
        bus, device, speed = struct.unpack_from(">III", described, 288)
        self.id = bus << 16 | device
        self.speed = SPEEDS[speed]
        self.changed = threading.Condition()
        self.gone = False
        self._sequence = 0
        self._flying = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def submit(self, endpoint, size, data, setup, flags, on_done):
        """Gives the sequence number; `on_done` is called with the lock held."""
        inward = bool(endpoint & 0x80)
        with self.changed:
            self._sequence += 1
            sequence = self._sequence
            if self.gone:
                on_done(Done(-ESHUTDOWN, b"", 0))
                return sequence
            self._flying[sequence] = (inward, on_done)
            head = struct.pack(
                ">IIIIIIIiii8s",
                *(SUBMIT, sequence, self.id, inward, endpoint & 15, flags, size, 0, 0, 0),
                setup,
            )
            self._send(head + data)
        return sequence

    def unlink(self, victim):
        with self.changed:
            self._sequence += 1
            self._flying[self._sequence] = (False, victim)
            self._send(
                struct.pack(">IIIIII24x", UNLINK, self._sequence, self.id, 0, 0, victim)
            )

    def control(self, request_type, request, value, index, length=0):
        """A request without data to the device; waits for it."""
        results = []
        setup = struct.pack("<BBHHH", request_type, request, value, index, length)
        self.submit(request_type & 0x80, length, b"", setup, 0, results.append)
        with self.changed:
            if not self.changed.wait_for(lambda: results, CONTROL_SECONDS):
                raise TimeoutError(f"no answer to control request {request}")
        return results[0]

    def _send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # The listener sees it too, and ends what flies.

    def _receive(self, size):
        whole = bytearray(size)
        view = memoryview(whole)
        while view:
            got = self.socket.recv_into(view)
            if got == 0:
                raise EOFError
            view = view[got:]
        return bytes(whole)

    def _listen(self):
        try:
            while True:
                head = self._receive(48)
                command, sequence = struct.unpack_from(">II", head)
                status, size = struct.unpack_from(">iI", head, 20)
                with self.changed:
                    inward, what = self._flying.pop(sequence, (False, None))
                data = self._receive(size) if command == SUBMITTED and inward else b""
                with self.changed:
                    if command == UNLINKED:
                        _, victim = self._flying.pop(what, (False, None))
                        if victim:
                            victim(Done(-ENOENT, b"", 0))
                    elif what:
                        what(Done(status, data, size))
                    self.changed.notify_all()
        except (EOFError, OSError):
            with self.changed:
                self.gone = True
                for _, what in self._flying.values():
                    if callable(what):
                        what(Done(-ESHUTDOWN, b"", 0))
                self._flying.clear()
                self.changed.notify_all()


def plain(data, size):
    """The bytes of an ioctl's memory."""
    got = data.retrieve()
    return bytes(got[0] if isinstance(got, tuple) else got)[:size]


class Urb:
    def __init__(self, memory):
        self.memory = memory
        kind, self.endpoint, self.flags, self.size = struct.unpack_from(
            "<BB6xI12xi", plain(memory, URB_BYTES)
        )
        self.control = kind == CONTROL
        self.buffer = memory.resolve(16, self.size) if self.size else None
        self.sequence = 0

    def finish(self, done):
        if done.data:
            self.buffer.update(8 if self.control else 0, done.data)
        self.memory.update(4, struct.pack("<i", done.status))
        self.memory.update(28, struct.pack("<i", done.size))


class Usbfs:
    """The device node: ioctls as libusb 1.0 uses them."""

    def __init__(self, remote):
        self.remote = remote
        self.urbs = {}
        self.finished = collections.deque()

    def on_ioctl(self, _base, client):
        try:
            result, error = self._answer(client.get_request() & 0xFFFFFFFF, client.get_arg())
        except Exception as problem:  # An error here must not leave the command waiting.
            print(f"umockdev-host: {problem!r}", file=sys.stderr)
            result, error = -1, EIO
        client.complete(result, error)
        return True

    def _answer(self, request, argument):
        if request == SUBMITURB:
            return self._submit(argument.resolve(0, URB_BYTES))
        if request in (REAPURB, REAPURBNDELAY):
            return self._reap(argument, request == REAPURB)
        if request == DISCARDURB:
            # The argument is the address itself.
            urb = self.urbs.get(plain(argument, 8))
            if urb is None:
                return -1, EINVAL
            self.remote.unlink(urb.sequence)
            return 0, 0
        if self.remote.gone:
            return -1, ENODEV
        if request == GET_CAPABILITIES:
            argument.resolve(0, 4).update(0, struct.pack("<I", CAPABILITIES))
            return 0, 0
        if request == GETDRIVER:
            return -1, ENODATA
        if request in (CLAIMINTERFACE, RELEASEINTERFACE, IOCTL, DISCONNECT_CLAIM, RESET):
            return 0, 0
        if request == CLEAR_HALT:
            (endpoint,) = struct.unpack("<I", plain(argument.resolve(0, 4), 4))
            return self._control(2, 1, 0, endpoint)
        if request == SETCONFIGURATION:
            (value,) = struct.unpack("<I", plain(argument.resolve(0, 4), 4))
            return self._control(0, 9, value, 0)
        if request == SETINTERFACE:
            interface, setting = struct.unpack("<II", plain(argument.resolve(0, 8), 8))
            return self._control(1, 11, setting, interface)
        return -1, ENOTTY

    def _control(self, *request):
        return (0, 0) if self.remote.control(*request).status == 0 else (-1, EPIPE)

    def _submit(self, memory):
        urb = Urb(memory)
        data, setup, endpoint, size = b"", bytes(8), urb.endpoint, urb.size
        if urb.control:
            whole = plain(urb.buffer, urb.size)
            setup, data, size = whole[:8], whole[8:], urb.size - 8
            endpoint = setup[0] & 0x80
        elif urb.size and not endpoint & 0x80:
            data = plain(urb.buffer, urb.size)
        if endpoint & 0x80:
            data = b""
        key = struct.pack("<Q", memory.client_addr)
        self.urbs[key] = urb
        urb.sequence = self.remote.submit(
            endpoint,
            size,
            data,
            setup,
            urb.flags & ZERO_PACKET,
            lambda done: self.finished.append((key, urb, done)),
        )
        return 0, 0

    def _reap(self, argument, blocking):
        with self.remote.changed:
            if not self.finished:
                self.remote.changed.wait(REAP_WAIT)
            if not self.finished:
                if self.remote.gone:
                    return -1, ENODEV
                return -1, EINVAL if blocking else EAGAIN
            key, urb, done = self.finished.popleft()
        urb.finish(done)
        if self.urbs.get(key) is urb:
            del self.urbs[key]
        argument.resolve(0, 8).set_ptr(0, urb.memory)
        return 0, 0


def plug(remote):
    """The device in a /sys of its own, configured as a kernel would."""
    device = remote.control(0x80, 6, 0x0100, 0, 18).data
    (total,) = struct.unpack_from("<H", remote.control(0x80, 6, 0x0200, 0, 9).data, 2)
    configuration = remote.control(0x80, 6, 0x0200, 0, total).data
    remote.control(0, 9, configuration[5], 0)
    vendor, product, release = struct.unpack_from("<HHH", device, 8)
    attributes = {
        "busnum": 1,
        "devnum": 2,
        "devpath": 1,
        "speed": remote.speed,
        "idVendor": f"{vendor:04x}",
        "idProduct": f"{product:04x}",
        "bcdDevice": f"{release:04x}",
        "bDeviceClass": f"{device[4]:02x}",
        "bNumConfigurations": device[17],
        "bNumInterfaces": configuration[4],
        "bConfigurationValue": configuration[5],
    }
    lines = [
        "P: /devices/pci0000:00/usb1/1-1",
        "N: bus/usb/001/002",
        "E: DEVNAME=/dev/bus/usb/001/002",
        "E: DEVTYPE=usb_device",
        "E: SUBSYSTEM=usb",
        "E: BUSNUM=001",
        "E: DEVNUM=002",
        "E: MAJOR=189",
        "E: MINOR=1",
        *(f"A: {name}={value}\\n" for name, value in attributes.items()),
        f"H: descriptors={(device + configuration).hex().upper()}",
    ]
    bed = UMockdev.Testbed.new()
    bed.add_from_string("\n".join(lines) + "\n")
    usbfs = Usbfs(remote)
    base = UMockdev.IoctlBase.new()
    base.connect("handle-ioctl", usbfs.on_ioctl)
    bed.attach_ioctl("/dev/bus/usb/001/002", base)
    return bed, base


def main():
    address, bus_id, *command = sys.argv[1:]
    held = plug(Remote(address, bus_id))
    loop = GLib.MainLoop()
    status = []

    def run():
        try:
            status.append(subprocess.call(command))
        except OSError as problem:
            print(f"umockdev-host: {problem}", file=sys.stderr)
            status.append(127)
        GLib.idle_add(loop.quit)

    threading.Thread(target=run, daemon=True).start()
    loop.run()
    del held
    # Threads that still listen are no reason to stay.
    sys.stdout.flush()
    os._exit(status[0] & 0xFF)


main()
