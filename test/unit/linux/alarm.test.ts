import { expect, onTestFinished, test } from "vitest";
import { now, openAlarm } from "../../../src/linux/index.ts";
import { after, millis, never } from "../../../src/std/time.ts";

/** An alarm that is set to `never` when it goes off, and the moments when it did. */
function alarmClock() {
  const rung: number[] = [];
  const alarm = openAlarm(() => {
    rung.push(now());
    alarm.set(never);
  });
  onTestFinished(() => alarm.close());
  return { alarm, rung };
}

test("it goes off at its moment, not before, and once", async () => {
  const { alarm, rung } = alarmClock();
  const due = after(now(), millis(20.4));
  alarm.set(due);
  await expect.poll(() => rung.length).toBe(1);
  expect(rung[0]).toBeGreaterThanOrEqual(due);
});

test("what has passed goes off at once", async () => {
  const { alarm, rung } = alarmClock();
  alarm.set(after(now(), millis(0)));
  await expect.poll(() => rung.length).toBe(1);
});

test("what was set before is forgotten", async () => {
  const { alarm, rung } = alarmClock();
  const due = after(now(), millis(60));
  alarm.set(after(now(), millis(10)));
  alarm.set(due);
  await expect.poll(() => rung.length).toBe(1);
  expect(rung[0]).toBeGreaterThanOrEqual(due);
});

test("it goes off for the same moment again if it is set to that again", async () => {
  let count = 0;
  const due = after(now(), millis(5));
  const alarm = openAlarm(() => {
    count += 1;
    alarm.set(count < 3 ? due : never);
    alarm.set(count < 3 ? due : never);
  });
  onTestFinished(() => alarm.close());
  alarm.set(due);
  alarm.set(due);
  await expect.poll(() => count).toBe(3);
});

test("until it is set anew it goes off again and again", async () => {
  let count = 0;
  const alarm = openAlarm(() => (count += 1));
  onTestFinished(() => alarm.close());
  alarm.set(now());
  await expect.poll(() => count).toBeGreaterThan(2);
});
